package io.walstrata.postgres.backup;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageChecksum;
import io.walstrata.postgres.wal.ControlFiles;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** A data directory that no server made: segments of 4 pages, of every kind of file one or more. */
final class MadeUpCluster {
  static final int BLOCKS_PER_SEGMENT = 4;
  static final int CATALOG = 202_506_291;
  static final Lsn REDO = Lsn.parse("0/2000028");
  static final String LABEL =
      """
      START WAL LOCATION: 0/2000028 (file 000000030000000000000002)
      CHECKPOINT LOCATION: 0/2000080
      BACKUP METHOD: streamed
      BACKUP FROM: primary
      START TIME: 2026-11-30 18:00:00 UTC
      LABEL: pg_basebackup base backup
      START TIMELINE: 3
      """;
  static final String MANIFEST =
      """
      { "PostgreSQL-Backup-Manifest-Version": 1,
      "Files": [
      { "Path": "End-LSN", "Size": 3, "Checksum-Algorithm": "CRC32C", "Checksum": "00000000" }
      ],
      "WAL-Ranges": [
      { "Timeline": 3, "Start-LSN": "0/2000028", "End-LSN": "0/2000158" }
      ],
      "Manifest-Checksum": "00"}
      """;

  final Path root;

  MadeUpCluster(Path root) {
    this.root = root;
  }

  /** Writes a stopped server's files. */
  MadeUpCluster stopped() throws IOException {
    write("PG_VERSION", "18\n".getBytes(StandardCharsets.US_ASCII));
    write("global/pg_control", control(1));
    write("global/pg_filenode.map", new byte[524]);
    write("global/pg_internal.init", new byte[100]);
    pages("global/1262", 2);
    write("base/5/pg_filenode.map", new byte[524]);
    write("base/5/PG_VERSION", new byte[3]);
    pages("base/5/2619", 3);
    pages("base/5/2619_fsm", 1);
    pages("base/5/2619_vm", 1);
    pages("base/5/16384", 4); // Three segments, the last not full.
    pages("base/5/16384.1", 4);
    pages("base/5/16384.2", 2);
    write("base/5/16400", new byte[0]); // Empty.
    pages("base/5/16500", 2); // Unlogged.
    pages("base/5/16500_init", 1);
    pages("base/5/t3_16600", 1); // Temporary.
    write("base/5/pgsql_tmp/pgsql_tmp1.0", new byte[10]);
    pages("base/16/1259", 1);
    pages("pg_tblspc/16700/PG_18_" + CATALOG + "/5/16701", 2);
    pages("pg_tblspc/16700/PG_17_202406281/5/16701", 3); // Another cluster's.
    status("pg_xact/0000", 2);
    status("pg_xact/0001", 1);
    status("pg_multixact/offsets/0000", 1);
    status("pg_multixact/members/0000", 1);
    Files.createDirectories(root.resolve("pg_commit_ts"));
    write("pg_twophase/00000000000002E4", new byte[] {1, 2, 3});
    write("pg_wal/000000030000000000000002", new byte[64]);
    return this;
  }

  /** Writes what a backup of a running server has beside. */
  MadeUpCluster online() throws IOException {
    stopped();
    write("global/pg_control", control(6));
    write("backup_label", LABEL.getBytes(StandardCharsets.UTF_8));
    write("backup_manifest", MANIFEST.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  void write(String path, byte[] content) throws IOException {
    Path file = root.resolve(path);
    Path directory = file.getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    Files.write(file, content);
  }

  /** Writes pages of a relation with their checksums; their content is a function of the path. */
  private void pages(String path, int count) throws IOException {
    ClusterFile file = ClusterFile.of(path);
    long first = file == null ? 0 : file.firstBlock(BLOCKS_PER_SEGMENT);
    byte[] content = new byte[count * Page.BYTES];
    for (int i = 0; i < count; i++) {
      byte[] page = page(path.hashCode() + i, 0x1000_0000L, first + i);
      System.arraycopy(page, 0, content, i * Page.BYTES, Page.BYTES);
    }
    write(path, content);
  }

  static byte[] page(int seed, long lsn, long block) {
    Page page = new Page(new byte[Page.BYTES]);
    page.init(0);
    page.setLsn(lsn & 0xFF_FFFFL);
    LittleEndian.putI32(page.bytes(), 4000, seed);
    page.setChecksum(PageChecksum.of(page, block));
    return page.bytes();
  }

  private void status(String path, int count) throws IOException {
    byte[] content = new byte[count * Page.BYTES];
    for (int i = 0; i < count; i++) {
      content[i * Page.BYTES] = (byte) (path.hashCode() + i);
    }
    write(path, content);
  }

  /**
   * @param state 1 shut down, 6 in production
   */
  static byte[] control(int state) {
    byte[] file = ControlFiles.make(PgVersion.V18, false, false, /* hasDataChecksums= */ true);
    LittleEndian.putI32(file, 12, CATALOG);
    LittleEndian.putI32(file, 16, state);
    LittleEndian.putI32(file, 40, (int) REDO.value());
    LittleEndian.putI32(file, 48, 3);
    LittleEndian.putI32(file, 216, Page.BYTES);
    LittleEndian.putI32(file, 220, BLOCKS_PER_SEGMENT);
    CRC32C crc = new CRC32C();
    crc.update(file, 0, 292);
    LittleEndian.putI32(file, 292, (int) crc.getValue());
    return file;
  }

  /** Versions that a backup passed on, in order. */
  static final class Taken implements BackupSink {
    final Map<PageKey, byte[]> versions = new LinkedHashMap<>();
    final List<String> warnings = new ArrayList<>();
    final List<String> leftOut = new ArrayList<>();

    static Taken of(BaseBackup backup) {
      Taken taken = new Taken();
      try {
        backup.copyTo(taken, null);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return taken;
    }

    @Override
    public void put(PageKey key, byte[] value) {
      if (versions.put(key, value) != null) {
        throw new AssertionError("came twice: " + key);
      }
    }

    @Override
    public void fileDone() {}

    @Override
    public void warn(String sentence) {
      warnings.add(sentence);
    }

    @Override
    public void unrepresentable(String path, UnrepresentableKeyException e) {
      leftOut.add(path);
    }

    List<String> keys() {
      return versions.keySet().stream().map(PageKey::toString).toList();
    }
  }
}
