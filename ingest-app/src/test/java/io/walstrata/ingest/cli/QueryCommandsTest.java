package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.ingest.http.FakeReads;
import io.walstrata.ingest.http.Health;
import io.walstrata.ingest.http.HttpApi;
import io.walstrata.ingest.http.Peers;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.postgres.wal.PgKeyText;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryCommandsTest {
  private static final String TIMELINE = FakeReads.TIMELINE.toString();
  private static HttpApi api;

  @BeforeAll
  static void start() throws IOException {
    Health.Report report = new Health.Report(true, true, "RUNNING", List.of());
    api =
        HttpApi.start(
            "127.0.0.1",
            0,
            new FakeReads(),
            FakeReads.insight(() -> report),
            Peers.NONE,
            ValueDescriber.LENGTH,
            HttpApi.Options.DEFAULTS.withKeys(PgKeyText::parse));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static Cli.Outcome ask(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--url=http://127.0.0.1:" + api.port() + "/");
    return Cli.run(all.toArray(String[]::new));
  }

  @Test
  void get_printsThePageForPeople() {
    Cli.Outcome outcome = ask("get", TIMELINE, "1663.5.16384.0.1", "--lsn", "0/200");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.out())
        .isEqualToNormalizingNewlines(
            """
            page 1663.5.16384.0.1 (000000067F00000005000040000000000001) as of 0/200, timeline \
            00112233445566778899aabbccddeeff from 0/100 to 0/500
            status   complete
            base     0/100  image, 3 bytes
            records  1
                     0/200  wal record, 1 bytes
            layers   visited 1
                     delta  the-layer
            """);
  }

  @Test
  void get_incomplete_saysSo() {
    Cli.Outcome outcome = ask("get", TIMELINE, FakeReads.key(FakeReads.INCOMPLETE));
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.out()).contains("status   incomplete: ", "base     none");
  }

  @Test
  void status_saysHowTheInstanceIs() throws Exception {
    Cli.Outcome outcome = ask("status");
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.out())
        .contains("application  fake", "instance     here:1", "state        RUNNING", "TOPIC");
    assertThat(new ObjectMapper().readTree(ask("status", "--json").out()).get("instance").asText())
        .isEqualTo("here:1");
  }

  @Test
  void get_json_isTheAnswerItself() throws Exception {
    Cli.Outcome outcome = ask("get", TIMELINE, "1663.5.16384.0.1", "--json", "--bytes");
    assertThat(new ObjectMapper().readTree(outcome.out()).at("/base/bytes").asText())
        .isEqualTo("AQID");
  }

  @Test
  void get_bytesForPeople_isWrongUsage() {
    Cli.Outcome outcome = ask("get", "1663.5.16384.0.1", "--bytes");
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains("--bytes needs --json");
  }

  @Test
  void get_page_isWrittenToAFile(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("page");
    Cli.Outcome outcome = ask("get", "1663.5.16384.0.1", "--lsn=0/200", "--json", "--page=" + file);
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(ExitStatus.OK);
    assertThat(Files.readAllBytes(file)).hasSize(8192);
    assertThat(outcome.out())
        .contains(
            "\"key\":\"1663.5.16384.0.1\"",
            "\"keyHex\":\"000000067F00000005000040000000000001\"",
            "\"asOf\":\"0/200\"");
  }

  @Test
  void get_pageThatCannotBeWritten_hasFailedWithTheFile(@TempDir Path directory) {
    Cli.Outcome outcome = ask("get", "1663.5.16384.0.1", "--page=" + directory.resolve("no/page"));
    assertThat(outcome.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(outcome.err())
        .contains("cannot write the page: file=" + directory.resolve("no/page"), "NoSuchFile");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--decode", "--json"})
  void get_pageAndTextOnStandardOutput_isWrongUsage(String text) {
    Cli.Outcome outcome = ask("get", "1663.5.16384.0.1", "--page=-", text);
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void get_pageThatRedoRefuses_hasFailedWithTheReason() {
    Cli.Outcome outcome = ask("get", FakeReads.key(FakeReads.INCOMPLETE), "--decode");
    assertThat(outcome.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(outcome.err()).contains("redo cannot make the page: no base", "(page_refused)");
  }

  @Test
  void status_ofFiles_isWrongUsage(@TempDir Path directory) {
    Cli.Outcome outcome = Cli.run("status", "--home", directory.toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains("status is that of a running job");
  }

  @Test
  void theOnlyTimeline_needNotBeNamed() {
    String page = ask("get", TIMELINE, "1663.5.16384.0.1").out();
    for (String[] words :
        new String[][] {
          {"get", "1663.5.16384.0.1"},
          {"get", "-", "1663.5.16384.0.1"},
          {"get", "0011", "1663.5.16384.0.1"},
          {"get", "000000067F00000005000040000000000001"},
          {"get", "rel", "1663/5/16384", "blk", "1"},
          {"get", "001", "base/5/16384 1"},
          {"get", "base/5/16384", "1"}
        }) {
      Cli.Outcome outcome = ask(words);
      assertThat(outcome.err()).isEmpty();
      assertThat(outcome.out()).isEqualTo(page);
    }
    assertThat(ask("layers").out()).isEqualTo(ask("layers", TIMELINE).out());
    assertThat(ask("layers", "--wide").out()).contains("NAME", "the-layer");
  }

  @Test
  void layersAndTimelines_areTables() {
    assertThat(ask("timelines").out())
        .isEqualToNormalizingNewlines(
            """
            TIMELINE                          FIRST LSN  LAST LSN  DURABLE LSN  LAYERS  VERSIONS  BYTES
            00112233445566778899aabbccddeeff  0/100      0/500     0/400        1       3         4096
            """);
    assertThat(ask("layers", TIMELINE).out())
        .isEqualToNormalizingNewlines(
            """
            STATE  FROZEN BY  START LSN  END LSN  OFFSETS  VERSIONS  DROPS  BYTES  FIRST KEY
            delta  policy     0/100      0/501    7-42     3         1      4096   0.0.0.0.0
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "1, page_dropped, 1663.5.16384.0.3, 0/400",
    "6, before_history, 1663.5.16384.0.4, 0/400",
    "3, lsn_not_reached, 1663.5.16384.0.1, 0/501",
    "5, timeline_split, 1663.5.16384.0.8, 0/400",
    "2, bad_key, 1663.5.16384.0, 0/400",
    "2, bad_lsn, 1663.5.16384.0.1, 400",
    "5, layer_corrupt, 1663.5.16384.0.5, 0/400",
    "4, not_ready, 1663.5.16384.0.6, 0/400",
  })
  void get_exitStatusStatesWhy(int status, String code, String key, String lsn) {
    Cli.Outcome outcome = ask("get", TIMELINE, key, "--lsn=" + lsn);
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(status);
    assertThat(outcome.err()).startsWith("walstrata: ").contains("(" + code + ")");
    assertThat(outcome.out()).isEmpty();
    Cli.Outcome json = ask("get", TIMELINE, key, "--json", "--lsn=" + lsn);
    assertThat(json.status()).isEqualTo(status);
    assertThat(json.out()).contains("\"code\":\"" + code + "\"");
  }

  @Test
  void layers_unknownTimeline_isANo() {
    assertThat(ask("layers", "f".repeat(32)).status()).isEqualTo(ExitStatus.NO);
  }

  @Test
  void noJobThere_isUnavailable() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Cli.Outcome outcome = Cli.run("timelines", "--url", "http://127.0.0.1:" + port);
    assertThat(outcome.status()).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(outcome.err()).contains("is it running there?", "127.0.0.1:" + port);
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:8090", "ftp://x/", "http://", "http://a b/"})
  void url_thatIsNone_isWrongUsage(String url) {
    assertThat(Cli.run("timelines", "--url", url).status()).isEqualTo(ExitStatus.USAGE);
  }
}
