import Glibc

/// Where the bytes of an ``OutputFile`` go.
struct OutputPlace {
  var descriptor: Int32
  var ownsDescriptor = true
  /// The temporary name; nil where the target is written directly.
  var temporary: String?
  /// The final name, links resolved.
  var target = ""

  /// The temporary files that are there now, with the processes that made them: a child after `fork` must leave those
  /// of its parent alone.
  static let temporaries = Lock<[String: pid_t]>.survivingFork([:])

  /// Takes the temporary file off the list; whether this process made it.
  @discardableResult
  func forgetTemporary() -> Bool {
    guard let temporary else { return false }
    return Self.temporaries.withLock { $0.removeValue(forKey: temporary) == getpid() }
  }

  static func open(_ path: String, replaces: Bool) throws(MillError) -> OutputPlace {
    if path == "-" || path == "/dev/stdout" { return OutputPlace(descriptor: STDOUT_FILENO, ownsDescriptor: false) }
    if path == "/dev/stderr" { return OutputPlace(descriptor: STDERR_FILENO, ownsDescriptor: false) }
    for prefix in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(prefix) {
      let copy = Int32(path.dropFirst(prefix.count)).map { fcntl($0, F_DUPFD_CLOEXEC, 0) } ?? -1
      guard copy >= 0 else { throw refusal(path, "no such open descriptor") }
      return OutputPlace(descriptor: copy)
    }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw refusal(path, errorText()) }
      guard unsafe lstat(path, &status) != 0 else { throw refusal(path, "a symbolic link that leads nowhere") }
      return try temporary(for: path, named: path, mode: nil)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      guard replaces else { throw exists(path) }
      guard let resolved = unsafe realpath(path, nil) else { throw refusal(path, errorText()) }
      defer { unsafe free(resolved) }
      return try unsafe temporary(for: String(cString: resolved), named: path, mode: status.st_mode & 0o777)
    case S_IFIFO, S_IFCHR:
      var descriptor: Int32
      repeat { descriptor = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC) } while descriptor < 0 && errno == EINTR
      guard descriptor >= 0 else { throw refusal(path, errorText()) }
      return OutputPlace(descriptor: descriptor)
    case S_IFDIR: throw refusal(path, "is a folder")
    default: throw refusal(path, "neither a file nor a pipe")
    }
  }

  /// A new file `target.tmp.PID`; where a crashed run left that name, a number is added.
  private static func temporary(
    for target: String, named path: String, mode: mode_t?
  ) throws(MillError) -> OutputPlace {
    for attempt in 0..<100 {
      let name = "\(target).tmp.\(getpid())" + (attempt == 0 ? "" : ".\(attempt)")
      let descriptor = unsafe Glibc.open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 {
        if let mode { fchmod(descriptor, mode) }
        temporaries.withLock { $0[name] = getpid() }
        return OutputPlace(descriptor: descriptor, temporary: name, target: target)
      }
      guard errno == EEXIST else { break }
    }
    throw refusal(path, errorText())
  }

  static func refusal(_ path: String, _ reason: String) -> MillError {
    MillError(.cannotCreate, "cannot create: \(reason)", file: path)
  }

  static func exists(_ path: String) -> MillError {
    MillError(.cannotCreate, "the file exists", file: path, hint: "\(setting: "replaces", "true") replaces it")
  }

  /// Renames unless the target exists by now: a hard link never replaces; where links are not possible, a look
  /// before the jump.
  func renameWithoutReplacing(_ path: String) throws(MillError) {
    guard let temporary else { return }
    if unsafe link(temporary, target) == 0 {
      unsafe unlink(temporary)
      return
    }
    if errno == EEXIST { throw Self.exists(path) }
    guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else { throw .inputOutput("cannot rename", path) }
    guard unsafe access(target, F_OK) != 0 else { throw Self.exists(path) }
    guard unsafe rename(temporary, target) == 0 else { throw .inputOutput("cannot rename", path) }
  }

  func syncFolder(_ path: String) throws(MillError) {
    var folder = "."
    if let slash = target.utf8.lastIndex(of: UInt8(ascii: "/")) {
      folder = slash == target.startIndex ? "/" : String(target[..<slash])
    }
    let descriptor = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }  // a folder that may be written but not read
    defer { close(descriptor) }
    if fsync(descriptor) != 0, errno != EINVAL { throw .inputOutput("cannot write the folder", path) }
  }

  func abandon() {
    if ownsDescriptor { close(descriptor) }
    if forgetTemporary(), let temporary { unsafe unlink(temporary) }
  }
}

/// A file that was written whole under its temporary name.
struct FinishedOutput {
  let place: OutputPlace
  let path: String
  let replaces: Bool

  /// The files that wait for their names; nil while none has to wait.
  static let held = Lock<[FinishedOutput]?>.survivingFork(nil)

  /// Keeps the file until names are given; false where they are given at once.
  static func hold(_ file: FinishedOutput) -> Bool {
    held.withLock { held in
      held?.append(file)
      return held != nil
    }
  }

  /// Gives the file its name: rename, fsync of the folder.
  func takeName() throws(MillError) {
    guard let temporary = place.temporary else { return }
    if replaces {
      guard unsafe rename(temporary, place.target) == 0 else { throw .inputOutput("cannot rename", path) }
    } else {
      try place.renameWithoutReplacing(path)
    }
    place.forgetTemporary()
    try place.syncFolder(path)
  }
}
