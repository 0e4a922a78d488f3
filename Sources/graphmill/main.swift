import GraphFormats
import GraphStore
import MillRuntime
import Glibc
let args = CommandLine.arguments
func cpu() -> Double { var r = rusage(); getrusage(0, &r); return Double(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + Double(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6 }
func wall() -> Double { var t = timespec(); clock_gettime(CLOCK_MONOTONIC, &t); return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9 }
let c0 = cpu(), w0 = wall()
do {
  let r = try readGraph(args[1], context: RunContext(threads: Int(args[2])!))
  var r2 = rusage(); getrusage(0, &r2)
  print("cpu", cpu() - c0, "wall", wall() - w0, "rss MiB", r2.ru_maxrss / 1024)
  print(r.graph.nodeCount, r.graph.edgeCount, r.report, r.graph.fingerprint())
  if args.count > 3 { var o = GraphWriteOptions(); o.replaces = true; print(try writeGraph(r.graph, to: args[3], options: o)) }
} catch { print("error: \(error)") }
