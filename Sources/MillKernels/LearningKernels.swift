package import CMillKernels

extension KernelVariant {
  /// The kernels of training on graphs in this variant; the same bits from every one.
  ///
  /// - Precondition: the variant is available.
  package var learning: mill_learning {
    guard let table = unsafe mill_learning_of(raw) else {
      preconditionFailure("the kernel variant \(self) cannot run here")
    }
    return unsafe table.pointee
  }
}
