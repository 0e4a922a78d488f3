import MillRuntime
import Testing

@Suite struct ByteSizeTests {
  @Test(arguments: [
    ("0", 0), ("4096", 4096), ("10k", 10_000), ("10K", 10_000), ("1.5M", 1_500_000), ("4Ki", 4096), ("2Gi", 2 << 30),
    ("1G", 1_000_000_000), ("512MiB", 512 << 20), ("3kB", 3000), ("0.5Ki", 512), ("2T", 2_000_000_000_000),
    ("1.0001k", 1000), ("9223372036854775807", Int.max),
  ])
  func parses(text: String, value: Int) { #expect(ByteSize.parse(text) == value) }

  @Test(arguments: [
    "", "k", "-1", "+1", "1x", "1kk", "1.k", ".5k", "1.2.3", "1 k", "i", "1i", "Mi", "9223372036854775808",
    "10000000000G",
    "1e3", "0x10", "1Kib3",
  ])
  func refuses(text: String) { #expect(ByteSize.parse(text) == nil) }

  @Test func texts() {
    #expect(ByteSize.text(0) == "0 B")
    #expect(ByteSize.text(1023) == "1023 B")
    #expect(ByteSize.text(1536) == "1.5 KiB")
    #expect(ByteSize.text(200 << 20) == "200 MiB")
    #expect(ByteSize.countText(999) == "999")
    #expect(ByteSize.countText(12_345) == "12.3 k")
    #expect(ByteSize.countText(4.5e6) == "4.5 M")
  }

  @Test func memorySettings() {
    #expect(MemorySetting("auto")?.limit(available: 1000) == 750)
    #expect(MemorySetting("50%")?.limit(available: 1000) == 500)
    #expect(MemorySetting("2Ki")?.limit(available: 1000) == 2048)
    for text in ["", "0", "0%", "101%", "x%", "-1%", "Auto", "nan%", "1Q"] {
      #expect(MemorySetting(text) == nil, "\(text)")
    }
    for text in ["auto", "50%", "2048", "12.5%"] { #expect(MemorySetting(text)?.description == text) }
  }
}
