package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.tukaani.xz.XZInputStream;

/** The WAL of real servers in the test resources; see the README there. */
public final class RealWal {
  /** Directory and names of its segments, in order. */
  private static final String[][] SETS = {
    {"pg15", "000000010000000000000006", "000000010000000000000007"},
    {"pg16", "000000010000000000000006", "000000010000000000000007"},
    {"pg17", "000000010000000000000006", "000000010000000000000007"},
    {"pg18", "000000010000000000000009", "00000001000000000000000A"},
    {"pg15-compressed", "000000010000000000000007"},
  };

  private final String[] set;

  private RealWal(String[] set) {
    this.set = set;
  }

  /** Returns the WAL in this directory, for instance {@code pg18}. */
  public static RealWal of(String directory) {
    for (String[] set : SETS) {
      if (set[0].equals(directory)) {
        return new RealWal(set);
      }
    }
    throw new IllegalArgumentException("no such directory: " + directory);
  }

  public List<String> segmentNames() {
    return List.of(set).subList(1, set.length);
  }

  /** Unpacks the segments into a directory; returns the files. */
  public List<Path> unpack(Path target) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String name : segmentNames()) {
      Path file = target.resolve(name);
      Files.write(file, resource(name + ".xz"));
      files.add(file);
    }
    return files;
  }

  long start() {
    WalSegmentName name =
        Objects.requireNonNull(WalSegmentName.parse(segmentNames().get(0)), "name");
    return name.startLsn(WalMaker.SEGMENT).value();
  }

  /** Returns the segments, one after the other. */
  byte[] wal() throws IOException {
    byte[][] parts = new byte[segmentNames().size()][];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = resource(segmentNames().get(i) + ".xz");
    }
    return RecordMaker.bytes(parts);
  }

  public List<WalRecord> records() throws IOException {
    return Readers.read(new WalReader(Lsn.of(start())), start(), wal(), 128 * 1024);
  }

  /** Returns a resource's lines. */
  public List<String> lines(String name) {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new java.io.ByteArrayInputStream(resource(name)), StandardCharsets.UTF_8))) {
      return in.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a resource's lines, cut at tabs. */
  List<String[]> table(String name) {
    return lines(name).stream().map(line -> line.split("\t", -1)).toList();
  }

  private byte[] resource(String name) throws IOException {
    String path = set[0] + "/" + name;
    try (InputStream in =
        Objects.requireNonNull(RealWal.class.getResourceAsStream(path), "resource " + path)) {
      if (!name.endsWith(".xz")) {
        return in.readAllBytes();
      }
      try (XZInputStream unpacked = new XZInputStream(in)) {
        return unpacked.readAllBytes();
      }
    }
  }

  static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
