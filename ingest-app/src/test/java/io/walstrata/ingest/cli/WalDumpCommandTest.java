package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.RealWal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TimeZone;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalDumpCommandTest {
  @TempDir Path directory;

  private final TimeZone zone = TimeZone.getDefault();
  private List<Path> files = List.of();

  @BeforeEach
  void unpack() throws IOException {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    files = RealWal.of("pg15").unpack(directory);
  }

  @AfterEach
  void restoreZone() {
    TimeZone.setDefault(zone);
  }

  /** As pg_waldump prints. */
  private static Cli.Outcome dump(List<Path> segments, String... options) {
    List<String> args = new ArrayList<>(List.of("wal", "dump", "--exact"));
    args.addAll(Arrays.asList(options));
    segments.forEach(file -> args.add(file.toString()));
    return Cli.run(args.toArray(new String[0]));
  }

  private static List<String> lines(Cli.Outcome outcome) {
    return outcome.out().lines().toList();
  }

  private static List<String> expected() {
    return RealWal.of("pg15").lines("dump.txt.xz");
  }

  @Test
  void dump_isThatOfPgWaldump() {
    Cli.Outcome outcome = dump(files);
    assertThat(lines(outcome)).isEqualTo(expected());
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void startEndAndLimit_cutTheDump() {
    List<String> all = expected();
    String start = lsn(all.get(100));
    String end = lsn(all.get(120));
    assertThat(lines(dump(files, "--start", start, "--end", end))).isEqualTo(all.subList(100, 120));
    assertThat(lines(dump(files, "--start", start, "--limit", "3")))
        .isEqualTo(all.subList(100, 103));
  }

  private static String lsn(String line) {
    return line.replaceAll(".* lsn: ([0-9A-F/]+),.*", "$1");
  }

  @Test
  void start_withinARecord_isTold() {
    String line = expected().get(1);
    long bytes = Lsn.parse(lsn(line)).value() - 0x600031;
    Cli.Outcome exact = dump(files, "--start", "0/600031", "--limit", "1");
    assertThat(lines(exact))
        .containsExactly(
            "first record is after 0/600031, at "
                + Lsn.parse(lsn(line))
                + ", skipping over "
                + bytes
                + " bytes",
            line);
    assertThat(exact.err()).isEmpty();
    assertThat(lines(dump(files, "--start", "0/600000", "--limit", "1")))
        .containsExactly(expected().get(0));
    List<String> args = new ArrayList<>(List.of("wal", "dump", "-s", "0/600031", "-n", "1"));
    files.forEach(file -> args.add(file.toString()));
    Cli.Outcome own = Cli.run(args.toArray(String[]::new));
    assertThat(lines(own)).hasSize(1);
    assertThat(own.err()).contains("first record after the start: start=0/600031");
  }

  @Test
  void rmgr_selects() {
    List<String> heap = expected().stream().filter(line -> line.startsWith("rmgr: Heap ")).toList();
    assertThat(lines(dump(files, "--rmgr", "heap"))).isEqualTo(heap);
    Cli.Outcome unknown = dump(files, "--rmgr", "heaps");
    assertThat(unknown.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(unknown.err()).contains("no such resource manager: name=heaps").contains("Heap2");
  }

  @Test
  void stats_countAllRecords() {
    List<String> all = expected();
    List<String> byRmgr = lines(dump(files, "--stats"));
    assertThat(byRmgr.get(0)).startsWith("WAL statistics between 0/600028 and 0/");
    assertThat(row(byRmgr, "Total")).isEqualTo(all.size());
    assertThat(row(byRmgr, "Btree")).isEqualTo(count(all, "rmgr: Btree "));
    List<String> byRecord = lines(dump(files, "--stats=record"));
    assertThat(row(byRecord, "Heap/INSERT+INIT")).isEqualTo(count(all, "desc: INSERT+INIT off "));
    assertThat(row(byRecord, "Transaction/COMMIT")).isEqualTo(count(all, "desc: COMMIT "));
  }

  private static int row(List<String> table, String name) {
    String line =
        table.stream().filter(row -> row.startsWith(name + " ")).findFirst().orElseThrow();
    return Integer.parseInt(line.trim().split(" +")[1]);
  }

  private static int count(List<String> lines, String part) {
    return (int) lines.stream().filter(line -> line.contains(part)).count();
  }

  @Test
  void endOfTheLog_isNoError() throws IOException {
    Path segment = RealWal.of("pg15-compressed").unpack(directory).get(0);
    Cli.Outcome outcome = dump(List.of(segment));
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.err()).contains("log ends at 0/711950: no further record");
  }

  @Test
  void lastRecordThatIsIncomplete_isNoError() {
    Cli.Outcome outcome = dump(files.subList(0, 1));
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.err()).contains("log ends at 0/6").contains("continues after the last");
    assertThat(expected()).startsWith(lines(outcome).toArray(new String[0]));
  }

  @Test
  void damage_endsTheDump_withWhereAndWhy() throws IOException {
    byte[] bytes = Files.readAllBytes(files.get(0));
    bytes[500_000] ^= 1;
    Files.write(files.get(0), bytes);
    Cli.Outcome outcome = dump(files);

    assertThat(outcome.status()).isEqualTo(ExitStatus.NO);
    assertThat(lines(outcome)).isNotEmpty();
    assertThat(expected()).startsWith(lines(outcome).toArray(new String[0]));
    String next = expected().get(lines(outcome).size());
    String bad = lsn(next).replaceAll("/0+", "/");
    assertThat(outcome.err())
        .contains("bad WAL: ")
        .contains("lsn=" + bad)
        .contains("file=" + files.get(0));
  }

  @Test
  void fileCutShort_isTorn() throws IOException {
    Files.write(files.get(1), Arrays.copyOf(Files.readAllBytes(files.get(1)), 10_000));
    Cli.Outcome outcome = dump(files);
    assertThat(outcome.status()).isEqualTo(ExitStatus.NO);
    assertThat(lines(outcome)).hasSizeGreaterThan(1_000);
    assertThat(outcome.err()).contains("torn WAL: lsn=0/70").contains("bytes=10000");
  }

  @Test
  void segmentsOfTwoVersions_areRefused() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other"));
    List<Path> mixed = List.of(files.get(0), RealWal.of("pg16").unpack(other).get(1));
    Cli.Outcome outcome = dump(mixed);
    assertThat(outcome.status()).isEqualTo(ExitStatus.NO);
    assertThat(outcome.err()).contains("another major version");
  }

  @Test
  void missingSegment_orNoSegment_isWrongUsage() throws IOException {
    byte[] bytes = Files.readAllBytes(files.get(1));
    bytes[10] = (byte) 0x90; // Its address: log, not a file kept for later use.
    Path later = Files.write(directory.resolve("000000010000000000000009"), bytes);
    Cli.Outcome gap = dump(List.of(files.get(0), later));
    assertThat(gap.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(gap.err()).contains("segment missing");
    assertThat(dump(List.of()).status()).isEqualTo(ExitStatus.USAGE);
    assertThat(dump(files, "--start", "1/0").status()).isEqualTo(ExitStatus.USAGE);
    assertThat(dump(files, "--limit", "0").status()).isEqualTo(ExitStatus.USAGE);
    assertThat(dump(files, "--start", "nonsense").status()).isEqualTo(ExitStatus.USAGE);
  }

  @Test
  void help_listsTheOptions() {
    Cli.Outcome help = Cli.run("wal", "dump", "--help");
    assertThat(help.status()).isEqualTo(ExitStatus.OK);
    assertThat(help.out())
        .contains("--rmgr", "--stats", "SEGMENT", "--relation", "--follow", "--path", "--exact");
  }

  @Test
  void eachLine_saysWhereItsRecordEnds() {
    List<String> lines =
        lines(Cli.run("wal", "dump", files.get(0).toString(), files.get(1).toString()));
    List<String> expected = expected();
    assertThat(lines).hasSameSizeAs(expected);
    Pattern end = Pattern.compile(", end: ([0-9A-F]+/[0-9A-F]{8})");
    for (int i = 0; i < lines.size(); i++) {
      Matcher matcher = end.matcher(lines.get(i));
      assertThat(matcher.find()).as(lines.get(i)).isTrue();
      assertThat(matcher.replaceFirst("")).isEqualTo(expected.get(i));
      if (i + 1 < lines.size()) {
        long next = Lsn.parse(lsn(expected.get(i + 1))).value();
        // The next record starts there, or after a page's header.
        assertThat(next - Lsn.parse(matcher.group(1)).value()).isIn(0L, 24L, 40L);
      }
    }
  }

  private static void assertFilter(List<String> expected, Cli.Outcome outcome) {
    assertThat(expected).isNotEmpty();
    assertThat(lines(outcome)).isEqualTo(expected);
  }

  private static List<String> matching(String regex) {
    Pattern pattern = Pattern.compile(regex);
    return expected().stream().filter(line -> pattern.matcher(line).find()).toList();
  }

  @Test
  void relationBlockForkXidAndFullPage_select() {
    String relation =
        matching("blkref #0: rel 1663/\\d+/\\d+ blk 1$")
            .get(0)
            .replaceAll(".* rel ([0-9/]+) .*", "$1");
    assertFilter(matching("rel " + relation + " "), dump(files, "-R", relation));
    assertFilter(
        matching("rel " + relation + " (fork \\w+ )?blk 1\\b"),
        dump(files, "-R", relation, "-B", "1"));
    assertFilter(
        matching("rel " + relation + " blk "),
        dump(files, "--relation", relation, "--fork", "main"));
    assertFilter(matching(" fork vm "), dump(files, "-F", "vm"));
    assertFilter(matching(" FPW\\b"), dump(files, "-w"));
    String xid = matching("desc: COMMIT").get(0).replaceAll(".* tx: +(\\d+),.*", "$1");
    assertFilter(matching(" tx: +" + xid + ","), dump(files, "--xid", xid));
    assertFilter(
        matching("rmgr: Heap .* tx: +" + xid + ",").subList(0, 1),
        dump(files, "-x", xid, "-r", "Heap", "-n", "1"));
  }

  @Test
  void wrongFilters_areRefused() {
    for (String[] options :
        new String[][] {
          {"-R", "1663/5"},
          {"-R", "0/5/16384"},
          {"-R", "1663/5/0"},
          {"-R", "1663/5/4294967296"},
          {"-B", "1"},
          {"-R", "1663/5/16384", "-B", "-1"},
          {"-F", "toast"},
          {"-x", "4294967296"},
        }) {
      assertThat(dump(files, options).status())
          .as(String.join(" ", options))
          .isEqualTo(ExitStatus.USAGE);
    }
    assertThat(dump(files, "-R", "1663/5/16384", "-B", "4294967295").status())
        .isEqualTo(ExitStatus.OK);
  }

  @Test
  void rmgrList_namesThem() {
    assertThat(lines(Cli.run("wal", "dump", "--rmgr=list")))
        .contains("XLOG", "Heap2", "LogicalMessage");
  }

  @Test
  void bkpDetails_haveALineForEachBlock() {
    List<String> lines = lines(dump(files, "-b", "-w"));
    assertThat(lines.stream().filter(line -> line.startsWith("rmgr: ")).count())
        .isEqualTo(matching(" FPW\\b").size());
    assertThat(lines)
        .anyMatch(
            line ->
                line.matches(
                    "\tblkref #0: rel \\d+/\\d+/\\d+ fork main blk \\d+ \\(FPW\\);"
                        + " hole: offset: \\d+, length: \\d+"));
  }

  @Test
  void quiet_printsErrorsOnly() throws IOException {
    Cli.Outcome quiet = dump(files.subList(0, 1), "-q");
    assertThat(quiet.status()).isEqualTo(ExitStatus.OK);
    assertThat(quiet.out() + quiet.err()).isEmpty();
    byte[] bytes = Files.readAllBytes(files.get(0));
    bytes[500_000] ^= 1;
    Files.write(files.get(0), bytes);
    Cli.Outcome damaged = dump(files, "--quiet");
    assertThat(damaged.status()).isEqualTo(ExitStatus.NO);
    assertThat(damaged.out()).isEmpty();
    assertThat(damaged.err()).contains("bad WAL: ");
  }

  @Test
  void twoSegments_areARange_threeAreAList() throws IOException {
    // A log of four files of which the second segment is the last with log.
    byte[] blank = new byte[1 << 20];
    Path third = Files.write(directory.resolve("000000010000000000000008"), blank);
    Path fourth = Files.write(directory.resolve("000000010000000000000009"), blank);
    assertThat(lines(dump(List.of(files.get(0), fourth)))).isEqualTo(expected());
    assertThat(lines(dump(List.of(fourth, files.get(0), third, files.get(1)))))
        .isEqualTo(expected());
    assertThat(lines(dump(List.of(directory)))).isEqualTo(expected());
    Files.delete(files.get(1));
    Cli.Outcome gap = dump(List.of(files.get(0), third));
    assertThat(gap.status()).isEqualTo(ExitStatus.OK); // What was never written is not missing.
    assertThat(lines(gap)).isNotEmpty();
  }

  @Test
  void path_isWhereSegmentsAreLookedFor() throws IOException {
    Path data = Files.createDirectory(directory.resolve("data"));
    Path log = Files.createDirectory(data.resolve("pg_wal"));
    for (Path file : files) {
      Files.move(file, log.resolve(file.getFileName()));
    }
    String first = files.get(0).getFileName().toString();
    String second = files.get(1).getFileName().toString();
    assertThat(lines(Cli.run("wal", "dump", "--exact", "-p", data.toString(), first, second)))
        .isEqualTo(expected());
    assertThat(lines(Cli.run("wal", "dump", "--exact", "-p", log.toString(), "-s", "0/600028")))
        .isEqualTo(expected());
    String later = lsn(expected().get(900));
    assertThat(lines(Cli.run("wal", "dump", "--exact", "-p", log.toString(), "-s", later)))
        .isEqualTo(expected().subList(900, expected().size()));
    for (String[] wrong :
        new String[][] {
          {"-p", log.toString()},
          {"-p", log.toString(), "-s", "0/100028"},
          {"-p", log.toString(), "-s", "0/600028", "-t", "0"},
          {"-p", log + "/nope", "-s", "0/600028"},
          {"-p", log.toString(), "0000000100000000000000FF"},
        }) {
      List<String> args = new ArrayList<>(List.of("wal", "dump"));
      args.addAll(Arrays.asList(wrong));
      Cli.Outcome outcome = Cli.run(args.toArray(new String[0]));
      assertThat(outcome.status()).as("" + args).isEqualTo(ExitStatus.USAGE);
      assertThat(outcome.err()).doesNotContain("Exception");
    }
  }

  @Test
  void missingFile_isNamed() {
    Path missing = directory.resolve("nope");
    Cli.Outcome outcome = dump(List.of(missing));
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err())
        .isEqualTo("walstrata: no such file: file=" + missing + System.lineSeparator());
  }

  @Test
  void packedSegment_isRead() throws IOException {
    List<Path> packed = new ArrayList<>();
    for (Path file : files) {
      Path target = directory.resolve(file.getFileName() + ".gz");
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(target))) {
        Files.copy(file, out);
      }
      Files.delete(file);
      packed.add(target);
    }
    assertThat(lines(dump(packed))).isEqualTo(expected());
    Files.writeString(directory.resolve("notes.txt"), "x");
    Cli.Outcome all = dump(List.of(directory));
    assertThat(lines(all)).isEqualTo(expected());
    assertThat(all.err()).contains("left out: file=" + directory.resolve("notes.txt"));
  }

  /** What comes later is printed, too; the number of records ends it. */
  @Test
  void follow_waitsForMore() throws Exception {
    byte[] whole = Files.readAllBytes(files.get(0));
    Files.write(files.get(0), Arrays.copyOf(Arrays.copyOf(whole, 300 * 1024), whole.length));
    Files.move(files.get(1), directory.resolve("later"));
    int count = expected().size() - 3;
    CompletableFuture<Cli.Outcome> follower =
        CompletableFuture.supplyAsync(
            () ->
                Cli.run(
                    "wal",
                    "dump",
                    "--exact",
                    "-f",
                    "-p",
                    directory.toString(),
                    "-s",
                    "0/600028",
                    "-n",
                    String.valueOf(count)));
    assertThat(follower.isDone()).isFalse();
    Path complete = Files.write(directory.resolve("complete"), whole);
    Files.move(complete, files.get(0), StandardCopyOption.ATOMIC_MOVE);
    Files.move(directory.resolve("later"), files.get(1), StandardCopyOption.ATOMIC_MOVE);
    Cli.Outcome outcome = follower.get(1, TimeUnit.MINUTES);
    assertThat(lines(outcome)).isEqualTo(expected().subList(0, count));
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
  }
}
