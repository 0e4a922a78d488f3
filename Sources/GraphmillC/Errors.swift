import CGraphmill
import Glibc
import MillRuntime

/// An error with its texts as C strings.
@safe final class ErrorTexts {
  let error: MillError
  let kind: UnsafeMutablePointer<CChar>?
  let message: UnsafeMutablePointer<CChar>?
  let file: UnsafeMutablePointer<CChar>?
  let field: UnsafeMutablePointer<CChar>?
  let hint: UnsafeMutablePointer<CChar>?

  init(_ error: MillError) {
    self.error = error
    unsafe kind = strdup(error.kind.name)
    unsafe message = strdup(error.message)
    unsafe file = error.file.flatMap { unsafe strdup($0) }
    unsafe field = error.field.flatMap { unsafe strdup($0) }
    unsafe hint = error.hint.flatMap { unsafe strdup($0.description) }
  }

  deinit {
    unsafe Glibc.free(kind)
    unsafe Glibc.free(message)
    unsafe Glibc.free(file)
    unsafe Glibc.free(field)
    unsafe Glibc.free(hint)
  }

  /// The texts of a handle; nil for null.
  static func of(_ handle: OpaquePointer?) -> ErrorTexts? {
    unsafe handle.map { unsafe Unmanaged<ErrorTexts>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
  }
}

/// The stable name of an error.
@c @implementation
public func gm_error_kind(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe UnsafePointer(ErrorTexts.of(error)?.kind)
}

/// What went wrong, without the place.
@c @implementation
public func gm_error_message(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe UnsafePointer(ErrorTexts.of(error)?.message)
}

/// The file of an error.
@c @implementation
public func gm_error_file(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe UnsafePointer(ErrorTexts.of(error)?.file)
}

/// The offending text of an error.
@c @implementation
public func gm_error_field(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe UnsafePointer(ErrorTexts.of(error)?.field)
}

/// What can be done about an error.
@c @implementation
public func gm_error_hint(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe UnsafePointer(ErrorTexts.of(error)?.hint)
}

/// The line of an error, or -1.
@c @implementation
public func gm_error_line(_ error: OpaquePointer?) -> Int64 { unsafe Int64(ErrorTexts.of(error)?.error.line ?? -1) }

/// The byte of an error, or -1.
@c @implementation
public func gm_error_byte(_ error: OpaquePointer?) -> Int64 { unsafe Int64(ErrorTexts.of(error)?.error.byte ?? -1) }

/// Gives an error back.
@c @implementation
public func gm_error_free(_ error: OpaquePointer?) { unsafe free(error, ErrorTexts.self) }
