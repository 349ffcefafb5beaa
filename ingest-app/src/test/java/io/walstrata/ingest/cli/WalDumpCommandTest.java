package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.pgwal.RealWal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TimeZone;
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

  private static Cli.Outcome dump(List<Path> segments, String... options) {
    List<String> args = new ArrayList<>(List.of("wal", "dump"));
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
    Cli.Outcome outcome = dump(files, "--start", "0/600031", "--limit", "1");
    assertThat(lines(outcome)).containsExactly(expected().get(1));
    assertThat(outcome.err()).contains("first record behind the start: start=0/600031");
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
    assertThat(outcome.err()).contains("end of the log: lsn=0/711950");
  }

  @Test
  void lastRecordThatGoesOn_isNoError() {
    Cli.Outcome outcome = dump(files.subList(0, 1));
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.err()).contains("goes on behind the last segment");
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
    Path later = Files.copy(files.get(1), directory.resolve("000000010000000000000009"));
    Cli.Outcome gap = dump(List.of(files.get(0), later));
    assertThat(gap.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(gap.err()).contains("segment missing");
    assertThat(dump(List.of()).status()).isEqualTo(ExitStatus.USAGE);
    assertThat(dump(files, "--start", "1/0").status()).isEqualTo(ExitStatus.USAGE);
    assertThat(dump(files, "--limit", "0").status()).isEqualTo(ExitStatus.USAGE);
    assertThat(dump(files, "--start", "nonsense").status()).isEqualTo(ExitStatus.USAGE);
  }

  @Test
  void help_tellsTheOptions() {
    Cli.Outcome help = Cli.run("wal", "dump", "--help");
    assertThat(help.status()).isEqualTo(ExitStatus.OK);
    assertThat(help.out()).contains("--rmgr", "--stats", "SEGMENT");
  }
}
