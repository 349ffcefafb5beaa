package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordLimits;
import io.walstrata.postgres.wal.WalArchive;
import io.walstrata.postgres.wal.WalFile;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.tukaani.xz.XZInputStream;

/** The logs of {@code small.sql} in the test resources; see the README there. */
final class SmallLogs {
  private static final int SEGMENT_BYTES = 16 << 20;

  private SmallLogs() {}

  /** Returns the directory with the segments of one version. */
  static Path directory(PgVersion version) {
    String name = "pg" + version.major();
    URL url = Objects.requireNonNull(SmallLogs.class.getResource(name), "resource " + name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns where the log begins. */
  static Lsn start(PgVersion version) throws IOException {
    return files(version).get(0).startLsn(SEGMENT_BYTES);
  }

  /** Returns the whole log, page headers included. */
  static byte[] bytes(PgVersion version) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (WalFile file : files(version)) {
      try (InputStream in = new XZInputStream(Files.newInputStream(file.path()))) {
        in.transferTo(bytes);
      }
    }
    return bytes.toByteArray();
  }

  private static List<WalFile> files(PgVersion version) throws IOException {
    return WalArchive.of(List.of(directory(version))).segments();
  }

  static List<WalRecord> records(PgVersion version) throws IOException {
    List<WalRecord> records = new ArrayList<>();
    try (WalSegmentReader reader =
        WalSegmentReader.open(files(version), Lsn.INVALID, RecordLimits.NONE)) {
      for (WalRecord record = reader.next(); record != null; record = reader.next()) {
        records.add(record);
      }
    }
    return records;
  }
}
