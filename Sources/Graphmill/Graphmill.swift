// One import for library users: `import Graphmill`.
@_exported public import EdgeSparsification
@_exported public import GraphFormats
@_exported public import GraphStore
@_exported public import MillRuntime
@_exported public import Reporting
