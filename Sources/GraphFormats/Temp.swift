public import GraphStore
public import MillRuntime
let containerMagic: [UInt8] = [0x89, 0x47, 0x4D, 0x47]
enum V { case safe }
func openContainer(_ p: String, mapped: Bool, verification: V, context: RunContext) throws(MillError) -> CSRGraph { throw MillError(.malformed, "") }
func openContainer(bytes: FlatBuffer<UInt8>, name: String, verification: V, context: RunContext) throws(MillError) -> CSRGraph { throw MillError(.malformed, "") }
extension CSRGraph { func countLoops(context: RunContext) -> Int { 0 } }
@discardableResult
public func writeGraph(
  _ graph: CSRGraph, to path: String, options: GraphWriteOptions = .init(), context: RunContext = .init()
) throws(MillError) -> Int { 0 }
