import Glibc

/// The regular files in a folder and in those below it, in ascending order of their names.
func filesBelow(_ folder: String) -> [String] {
  guard let stream = unsafe opendir(folder) else { return [] }
  defer { unsafe closedir(stream) }
  var files: [String] = []
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard name != ".", name != ".." else { continue }
    let path = folder + "/" + name
    files += fileSize(path) != nil ? [path] : filesBelow(path)
  }
  return files.sorted()
}
