package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;

/**
 * The bytes of a delta layer file.
 *
 * <pre>
 * File       -&gt; Header Block* Index Tombstones Filter Footer
 * Header     -&gt; magic u64, version u16, Timeline, KeyRange, LsnRange, crc32c u32
 * Block      -&gt; compression u8, bodyLength u32, stored u8*, crc32c u32
 * Body       -&gt; keys u32, versions u32, KeyRun{keys}, Entry{versions}, values u8*
 * KeyRun     -&gt; Key, end u32
 * Entry      -&gt; lsn u64, kind u8, valueEnd u32
 * Index      -&gt; BlockRef{blocks}, crc32c u32
 * BlockRef   -&gt; firstKey Key, firstLsn u64, position u64
 * Tombstones -&gt; Tombstone{tombstones}, crc32c u32
 * Tombstone  -&gt; KeyRange, lsn u64
 * Filter     -&gt; word u64*, crc32c u32
 * Footer     -&gt; see the table
 * Timeline   -&gt; u8{16}
 * KeyRange   -&gt; startKey Key, endKey Key
 * LsnRange   -&gt; startLsn u64, endLsn u64
 * Key        -&gt; kind u8, spc u32, db u32, rel u32, fork u8, block u32
 * </pre>
 *
 * <pre>
 * Header, 82 bytes           Footer, 192 bytes
 *   0 magic      "WALSDELT"    0 magic              "WALSFOOT"
 *   8 version    1             8 timeline
 *  10 timeline                24 startKey, endKey
 *  26 startKey, endKey        60 startLsn, endLsn
 *  62 startLsn, endLsn        76 startOffset, endOffset     log offsets, i64 each
 *  78 crc32c                  92 versions
 *                            100 keys                       distinct keys among the versions
 * KeyRun, 22 bytes           108 tombstones
 *   0 key                    116 valueBytes                 sum of the values' lengths
 *  18 end                    124 blocks
 *                            132 contentDigest
 * Entry, 13 bytes            140 indexPosition
 *   0 lsn                    148 tombstonesPosition
 *   8 kind                   156 filterPosition
 *   9 valueEnd               164 footerPosition
 *                            172 fileLength
 * BlockRef, 34 bytes         180 checksumAlgorithm u16      1 = CRC32C
 *   0 firstKey               182 version u16                1
 *  18 firstLsn               184 footerLength u32           192
 *  26 position               188 crc32c u32
 *
 * Tombstone, 44 bytes
 *   0 startKey, endKey
 *  36 lsn
 * </pre>
 *
 * <p>All numbers are big-endian. A crc32c is over all bytes of its structure before it; together
 * they cover every byte of the file. Structures follow each other without gaps.
 *
 * <p>Versions are sorted by key as unsigned bytes, then LSN as unsigned number; no (key, LSN)
 * occurs twice. A block has at least one version, and each of its keys has; a key's entries are
 * those from the {@code end} of the key before, 0 for the first, to its own. {@code valueEnd}
 * counts from the start of the block's values; a value starts where the one before it ends, the
 * first at 0. The writer ends a block before its body exceeds {@link #BLOCK_TARGET_BYTES}, unless a
 * single value is longer. The body is stored as {@link BlockCodec} compresses it.
 *
 * <p>Tombstones are sorted by start key, end key, LSN; none occurs twice. Ranges of header and
 * footer are equal and tight: from the first key or LSN of the versions and tombstones, inclusive,
 * to the end of the last, exclusive.
 *
 * <p>The content digest is described at {@link ContentDigest}, the filter at {@link KeyFilter}; it
 * has no words if there are no versions.
 *
 * <p>The last ten bytes of every version's footer are its version, its length and its checksum.
 *
 * <p>Versions: 1, 2026-11: first. Oldest readable: 1.
 */
final class DeltaLayerFormat {
  static final int VERSION = 1;
  static final int OLDEST_VERSION = 1;

  /** Blocks are ended before their body exceeds this length. */
  static final int BLOCK_TARGET_BYTES = 16 << 10;

  static final long HEADER_MAGIC = 0x57414C53_44454C54L;
  static final int HEADER_VERSION = Long.BYTES;
  static final int HEADER_TIMELINE = HEADER_VERSION + Short.BYTES;
  static final int HEADER_KEYS = HEADER_TIMELINE + TimelineId.BYTES;
  static final int HEADER_LSNS = HEADER_KEYS + 2 * PageKey.BYTES;
  static final int HEADER_CHECKSUM = HEADER_LSNS + 2 * Long.BYTES;
  static final int HEADER_LENGTH = HEADER_CHECKSUM + Checksum.BYTES;

  static final int BLOCK_BODY_LENGTH = Byte.BYTES;
  static final int BLOCK_STORED = BLOCK_BODY_LENGTH + Integer.BYTES;
  static final int BLOCK_OVERHEAD = BLOCK_STORED + Checksum.BYTES;

  static final int BODY_VERSIONS = Integer.BYTES;
  static final int BODY_RUNS = BODY_VERSIONS + Integer.BYTES;

  static final int RUN_END = PageKey.BYTES;
  static final int RUN_LENGTH = RUN_END + Integer.BYTES;

  static final int ENTRY_KIND = Long.BYTES;
  static final int ENTRY_VALUE_END = ENTRY_KIND + Byte.BYTES;
  static final int ENTRY_LENGTH = ENTRY_VALUE_END + Integer.BYTES;

  /** The shortest body: one version with an empty value. */
  static final int MIN_BODY = BODY_RUNS + RUN_LENGTH + ENTRY_LENGTH;

  /** The longest body: one version with the longest value. */
  static final int MAX_BODY = MIN_BODY + Value.MAX_BYTES;

  static final int BLOCK_REF_LSN = PageKey.BYTES;
  static final int BLOCK_REF_POSITION = BLOCK_REF_LSN + Long.BYTES;
  static final int BLOCK_REF_LENGTH = BLOCK_REF_POSITION + Long.BYTES;

  static final int TOMBSTONE_LSN = 2 * PageKey.BYTES;
  static final int TOMBSTONE_LENGTH = TOMBSTONE_LSN + Long.BYTES;

  static final long FOOTER_MAGIC = 0x57414C53_464F4F54L;
  static final int FOOTER_TIMELINE = Long.BYTES;
  static final int FOOTER_KEYS = FOOTER_TIMELINE + TimelineId.BYTES;
  static final int FOOTER_LSNS = FOOTER_KEYS + 2 * PageKey.BYTES;
  static final int FOOTER_START_OFFSET = FOOTER_LSNS + 2 * Long.BYTES;
  static final int FOOTER_END_OFFSET = FOOTER_START_OFFSET + Long.BYTES;
  static final int FOOTER_VERSIONS = FOOTER_END_OFFSET + Long.BYTES;
  static final int FOOTER_KEY_COUNT = FOOTER_VERSIONS + Long.BYTES;
  static final int FOOTER_TOMBSTONES = FOOTER_KEY_COUNT + Long.BYTES;
  static final int FOOTER_VALUE_BYTES = FOOTER_TOMBSTONES + Long.BYTES;
  static final int FOOTER_BLOCKS = FOOTER_VALUE_BYTES + Long.BYTES;
  static final int FOOTER_DIGEST = FOOTER_BLOCKS + Long.BYTES;
  static final int FOOTER_INDEX_POSITION = FOOTER_DIGEST + Long.BYTES;
  static final int FOOTER_TOMBSTONES_POSITION = FOOTER_INDEX_POSITION + Long.BYTES;
  static final int FOOTER_FILTER_POSITION = FOOTER_TOMBSTONES_POSITION + Long.BYTES;
  static final int FOOTER_POSITION = FOOTER_FILTER_POSITION + Long.BYTES;
  static final int FOOTER_FILE_LENGTH = FOOTER_POSITION + Long.BYTES;
  static final int FOOTER_ALGORITHM = FOOTER_FILE_LENGTH + Long.BYTES;
  static final int FOOTER_VERSION = FOOTER_ALGORITHM + Short.BYTES;
  static final int FOOTER_FOOTER_LENGTH = FOOTER_VERSION + Short.BYTES;
  static final int FOOTER_CHECKSUM = FOOTER_FOOTER_LENGTH + Integer.BYTES;
  static final int FOOTER_LENGTH = FOOTER_CHECKSUM + Checksum.BYTES;

  /** The length of the last part of a footer, which is the same in every format version. */
  static final int TAIL_LENGTH = FOOTER_LENGTH - FOOTER_VERSION;

  /** No version's footer is longer. */
  static final int MAX_FOOTER_LENGTH = 4096;

  private DeltaLayerFormat() {}
}
