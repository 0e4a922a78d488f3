import Glibc

/// Other programs, run to their end.
package enum ChildProcess {
  /// What a program left behind.
  package struct Outcome: Sendable {
    /// Its exit status; 128 + n after signal n.
    package let status: Int32
    /// What it wrote to standard output.
    package let output: [UInt8]
    /// What it wrote to standard error, at most 4,096 bytes; of a program that says more, the beginning.
    package let errors: [UInt8]
  }

  /// Runs a program, found by `PATH` unless its name has a slash, with empty standard input and the C locale (UTF-8).
  ///
  /// - Parameter arguments: The program's name and its arguments.
  /// - Returns: nil when there is no such program.
  /// - Throws: ``MillError`` of kind `input-output` when it cannot be started or its output cannot be read.
  package static func run(_ arguments: [String]) throws(MillError) -> Outcome? {
    guard let errorFile = unsafe tmpfile() else { throw .inputOutput("cannot start", arguments[0]) }
    defer { unsafe fclose(errorFile) }
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw .inputOutput("cannot start", arguments[0]) }
    defer { close(ends[0]) }
    for descriptor in unsafe [ends[0], ends[1], fileno(errorFile)] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var child = pid_t()
    let failure = unsafe spawn(arguments, output: ends[1], errors: fileno(errorFile), into: &child)
    close(ends[1])
    if failure == ENOENT { return nil }
    guard failure == 0 else { throw .inputOutput("cannot start", arguments[0], failure) }

    var output: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    var readFailure: Int32 = 0
    while true {
      let got = retrying { unsafe read(ends[0], &block, block.count) }
      if got < 0 { readFailure = errno }
      if got <= 0 { break }
      output.append(contentsOf: block[..<got])
    }
    var status: Int32 = 0
    _ = retrying { unsafe Int(waitpid(child, &status, 0)) }
    if readFailure != 0 { throw .inputOutput("cannot read the output", arguments[0], readFailure) }
    let errorCount = max(0, retrying { unsafe pread(fileno(errorFile), &block, 4096, 0) })
    let signal = status & 0x7f
    return Outcome(
      status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, output: output, errors: Array(block[..<errorCount]))
  }

  private static func spawn(
    _ arguments: [String], output: Int32, errors: Int32, into child: inout pid_t
  ) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
    var variables = ["LC_ALL=C.UTF-8"]
    var entry = unsafe environ
    while let variable = unsafe entry.pointee {
      let text = unsafe String(cString: variable)
      if !text.hasPrefix("LC_"), !text.hasPrefix("LANG") { variables.append(text) }
      unsafe entry += 1
    }
    var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var envp = unsafe variables.map { unsafe strdup($0) } + [nil]
    defer { unsafe (argv + envp).forEach { unsafe free($0) } }
    return unsafe posix_spawnp(&child, arguments[0], &actions, nil, &argv, &envp)
  }
}
