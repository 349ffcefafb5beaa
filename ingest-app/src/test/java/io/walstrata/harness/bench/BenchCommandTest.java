package io.walstrata.harness.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.ingest.cli.Cli;
import io.walstrata.ingest.cli.ExitStatus;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCommandTest {
  private static final String CELL = "8192 | Sequential | No | No";

  @TempDir Path directory;

  private Cli.Outcome ingest(String format) {
    Cli.Outcome outcome =
        Cli.run(
            "bench",
            "ingest",
            "--dir=" + directory,
            "--volume-mib=1",
            "--runs=2",
            "--warmup=0",
            "--only=" + CELL,
            "--format=" + format);
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.err()).contains("run 2 of 2");
    return outcome;
  }

  @Test
  void tsv_hasFactsHeadingsAndRows() {
    List<String> lines = ingest("tsv").out().lines().toList();
    assertThat(lines).filteredOn(line -> line.startsWith("# ")).anyMatch(x -> x.contains("commit"));
    List<String> table = lines.stream().filter(line -> !line.startsWith("#")).toList();
    assertThat(table).hasSize(2);
    assertThat(table.get(0).split("\t"))
        .containsExactly(
            "value_bytes",
            "key_layout",
            "write_delta",
            "reader",
            "median_s",
            "min_s",
            "max_s",
            "mib_per_s",
            "mrecords_per_s",
            "put_s",
            "flush_s",
            "drop_s",
            "gc_s",
            "cpu_s",
            "range_reads_per_s",
            "neon_median_s",
            "neon_min_s",
            "neon_max_s",
            "neon_range_reads_per_s",
            "neon_to_ours");
    assertThat(table.get(1).split("\t")).hasSize(20).startsWith("8192", "Sequential", "No", "No");
  }

  @Test
  void table_isForPeople() {
    assertThat(ingest("table").out()).contains("commit: ").contains("value_bytes  key_layout");
  }

  @Test
  void json_hasTheRunsToo() throws Exception {
    JsonNode json = new ObjectMapper().readTree(ingest("json").out());
    assertThat(json.at("/facts/volume_mib").asText()).isEqualTo("1");
    assertThat(json.at("/ingest")).hasSize(1);
    assertThat(json.at("/ingest/0/median_s").isNumber()).isTrue();
    assertThat(json.at("/ingest/0/flush_s").isNull()).isTrue();
    assertThat(json.at("/ingest_samples")).hasSize(2);
    assertThat(json.at("/ingest_samples/1/run").asInt()).isEqualTo(2);
  }

  @Test
  void peers_printsWritesAndReads() {
    Cli.Outcome outcome =
        Cli.run(
            "bench",
            "peers",
            "--dir=" + directory,
            "--volume-mib=1",
            "--runs=1",
            "--warmup=0",
            "--read-ms=5",
            "--only=hot | 8192",
            "--format=tsv");
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.out()).contains("# table: writes", "# table: reads");
    assertThat(outcome.out().lines().filter(line -> line.startsWith("hot\t8192\t")))
        .hasSize(3 + 3 * 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--limit-s=0", "--read-ms=0", "--only=cold"})
  void senselessOptionOfPeers_isWrongUsage(String option) {
    Cli.Outcome outcome = Cli.run("bench", "peers", option);
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains(option.substring(option.indexOf('=') + 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--runs=0",
        "--warmup=-1",
        "--volume-mib=0",
        "--only=Zipf",
        "--format=xml",
        "--dir=/no/such"
      })
  void senselessOption_isWrongUsage(String option) {
    Cli.Outcome outcome = Cli.run("bench", "ingest", option);
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains(option.substring(option.indexOf('=') + 1));
    assertThat(outcome.out()).isEmpty();
  }
}
