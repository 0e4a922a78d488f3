// The umbrella: `import Graphmill` gives a library user every module.
@_exported public import EdgeSparsification
@_exported public import GraphFormats
@_exported public import GraphGenerators
@_exported public import GraphKernels
@_exported public import GraphLayout
@_exported public import GraphLearning
@_exported public import GraphStore
@_exported public import GraphSummarization
@_exported public import HierarchicalCommunities
@_exported public import MillKernels
@_exported public import MillRuntime
@_exported public import ProximityGraphs
@_exported public import Reporting
@_exported public import TreeGeometry
@_exported public import VectorStore
