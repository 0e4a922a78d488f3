/// What went wrong with an input, an output or a resource, with everything a reader needs to find the place.
///
/// One type serves all readers, writers and stores, so that a command can print it in one way and pick the exit
/// code from ``Kind/category``.
public struct MillError: Error, Equatable, Sendable {
  /// The family of a failure; its raw value is the process exit code (sysexits where one fits).
  public enum Category: Int32, Sendable {
    case usage = 64
    case badData = 65
    case missingInput = 66
    case unavailable = 69
    case internalFault = 70
    case overBudget = 71
    case cannotCreate = 73
    case inputOutput = 74
    case interrupted = 130
    case brokenPipe = 141
  }

  /// A stable, machine-readable name of the failure, such as `id-out-of-range`.
  public struct Kind: Hashable, Sendable, CustomStringConvertible {
    /// The name in kebab case.
    public let name: String
    /// The family, which decides the exit code.
    public let category: Category

    /// A kind with its stable name and family.
    public init(_ name: String, _ category: Category) {
      self.name = name
      self.category = category
    }
    /// The name.
    public var description: String { name }
  }

  /// The stable kind.
  public var kind: Kind
  /// One sentence, lower case, without the place.
  public var message: String
  /// The file as the user named it; `-` is standard input.
  public var file: String?
  /// The line, counted from 1.
  public var line: Int?
  /// The offset of the offending field in the decompressed stream, counted from 0.
  public var byte: Int?
  /// The offending text, shortened.
  public var field: String?
  /// What the user can do about it.
  public var hint: Hint?

  /// A failure with as much of its place as is known.
  public init(
    _ kind: Kind, _ message: String, file: String? = nil, line: Int? = nil, byte: Int? = nil, field: String? = nil,
    hint: Hint? = nil
  ) {
    self.kind = kind
    self.message = message
    self.file = file
    self.line = line
    self.byte = byte
    self.field = field
    self.hint = hint
  }

  /// The exit code of a process that ends with this error.
  public var exitCode: Int32 { kind.category.rawValue }

  /// The same error with the file filled in where it was not known yet.
  public func inFile(_ name: String) -> MillError {
    var copy = self
    if copy.file == nil { copy.file = name }
    return copy
  }
}

extension MillError: CustomStringConvertible {
  /// `file:line: message: 'field' (byte N)`, and the hint in the library's words on a line of its own.
  public var description: String {
    var text = ""
    if let file {
      text += file
      if let line { text += ":\(line)" }
      text += ": "
    } else if let line {
      text += "line \(line): "
    }
    text += message
    if let field { text += ": '\(field)'" }
    if let byte { text += " (byte \(byte))" }
    if let hint { text += "\nhint: \(hint)" }
    return text
  }
}

extension MillError.Kind {
  /// A value or flag that the caller chose is not possible.
  public static let badOption = Self("bad-option", .usage)
  /// The content is not what its format promises.
  public static let malformed = Self("malformed", .badData)
  /// The file does not exist or may not be read.
  public static let unreadable = Self("unreadable", .missingInput)
  /// A format, codec or feature that this build does not have.
  public static let unsupported = Self("unsupported", .unavailable)
  /// More memory would be needed than the budget allows.
  public static let overBudget = Self("over-budget", .overBudget)
  /// The output exists or cannot be created.
  public static let cannotCreate = Self("cannot-create", .cannotCreate)
  /// Reading or writing failed on the way.
  public static let inputOutput = Self("input-output", .inputOutput)
  /// The input ends in the middle of what it announces.
  public static let truncated = Self("truncated", .badData)
  /// The input goes on behind its end.
  public static let trailingGarbage = Self("trailing-garbage", .badData)
  /// The reader of a pipe that was written to is gone; a command ends quietly.
  public static let brokenPipe = Self("broken-pipe", .brokenPipe)
  /// The run was asked to stop.
  public static let interrupted = Self("interrupted", .interrupted)
}
