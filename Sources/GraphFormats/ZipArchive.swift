internal import CZip
import MillRuntime

/// A zip archive in memory, by libzip: members that are stored or deflated, checked by their CRC.
@safe final class ZipArchive {
  private let archive: OpaquePointer
  private let bytes: FlatBuffer<UInt8>

  /// Opens an archive over its bytes.
  ///
  /// - Throws: `MillError` of kind `corrupt-stream`.
  init(_ bytes: FlatBuffer<UInt8>) throws(MillError) {
    self.bytes = bytes
    var error = unsafe zip_error_t()
    unsafe zip_error_init(&error)
    defer { unsafe zip_error_fini(&error) }
    guard let source = unsafe zip_source_buffer_create(bytes.base, UInt64(bytes.count), 0, &error) else {
      throw MillError(.overBudget, "no memory for the archive")
    }
    guard let archive = unsafe zip_open_from_source(source, Int32(ZIP_RDONLY), &error) else {
      unsafe zip_source_free(source)
      throw MillError(
        .corruptStream, unsafe "the zip archive is damaged: \(String(cString: zip_error_strerror(&error)))")
    }
    unsafe self.archive = archive
  }

  deinit { unsafe zip_discard(archive) }

  /// The contents of a member; nil where there is none of this name. Memory grows with what is really there.
  ///
  /// - Throws: `MillError`: `corrupt-stream`, `unsupported-content` for an encrypted member, `over-budget`.
  func member(_ name: String) throws(MillError) -> FlatBuffer<UInt8>? {
    let index = unsafe zip_name_locate(archive, name, 0)
    guard index >= 0 else { return nil }
    guard let file = unsafe zip_fopen_index(archive, UInt64(index), 0) else {
      let reason = unsafe String(cString: zip_error_strerror(zip_get_error(archive)))
      throw MillError(.unsupportedContent, "the member \(name) of the archive cannot be read: \(reason)")
    }
    defer { unsafe zip_fclose(file) }
    var buffer = try FlatBuffer<UInt8>(count: 1 << 12)
    var used = 0
    while true {
      let got = unsafe Int(zip_fread(file, buffer.base + used, UInt64(buffer.count - used)))
      guard got >= 0 else {
        throw MillError(
          .corruptStream,
          unsafe "the member \(name) of the archive is damaged: \(String(cString: zip_error_strerror(zip_file_get_error(file))))"
        )
      }
      used += got
      if got == 0 { break }
      if used == buffer.count {
        let larger = try FlatBuffer<UInt8>(uninitializedCount: 2 * buffer.count)
        unsafe larger.base.update(from: buffer.base, count: used)
        buffer = larger
      }
    }
    buffer.truncate(to: used)
    return buffer
  }

  /// An archive of stored members, without times, so that the same members give the same bytes.
  static func bytes(of members: [(name: String, bytes: [UInt8])]) throws(MillError) -> [UInt8] {
    var error = unsafe zip_error_t()
    unsafe zip_error_init(&error)
    defer { unsafe zip_error_fini(&error) }
    func failure() -> MillError {
      MillError(.inputOutput, unsafe "the zip archive cannot be made: \(String(cString: zip_error_strerror(&error)))")
    }
    guard let target = unsafe zip_source_buffer_create(nil, 0, 0, &error) else { throw failure() }
    unsafe zip_source_keep(target)
    defer { unsafe zip_source_free(target) }
    guard let archive = unsafe zip_open_from_source(target, Int32(ZIP_TRUNCATE), &error) else {
      unsafe zip_source_free(target)
      throw failure()
    }
    // The archive reads the members when it is closed: they stay in memory until then.
    var rooms: [UnsafeMutablePointer<UInt8>] = unsafe []
    defer { unsafe rooms.forEach { unsafe $0.deallocate() } }
    for member in members {
      let room = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, member.bytes.count))
      unsafe room.update(from: member.bytes, count: member.bytes.count)
      unsafe rooms.append(room)
      guard let source = unsafe zip_source_buffer(archive, room, UInt64(member.bytes.count), 0) else {
        unsafe zip_discard(archive)
        throw failure()
      }
      let index = unsafe zip_file_add(archive, member.name, source, 0)
      // 1 January 1980, the first day that the format knows.
      guard index >= 0, unsafe zip_set_file_compression(archive, UInt64(index), ZIP_CM_STORE, 0) == 0,
        unsafe zip_file_set_dostime(archive, UInt64(index), 0, 0x21, 0) == 0
      else {
        unsafe zip_discard(archive)
        throw failure()
      }
    }
    guard unsafe zip_close(archive) == 0 else {
      unsafe zip_discard(archive)
      throw failure()
    }
    var status = unsafe zip_stat_t()
    guard unsafe zip_source_open(target) == 0, unsafe zip_source_stat(target, &status) == 0 else { throw failure() }
    defer { unsafe zip_source_close(target) }
    var result = unsafe [UInt8](repeating: 0, count: Int(status.size))
    var done = 0
    while done < result.count {
      let got = unsafe result.withUnsafeMutableBytes {
        unsafe zip_source_read(target, $0.baseAddress! + done, UInt64($0.count - done))
      }
      guard got > 0 else { throw failure() }
      done += Int(got)
    }
    return result
  }
}
