package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class SchemaCommandTest {
  @Test
  void withoutAName_listsTheMessages() {
    assertThat(Cli.run("schema").out().lines())
        .containsExactlyInAnyOrder("WalRecord", "WalBatch", "WalTombstone", "WalProgress");
  }

  @Test
  void everyMessage_isASchemaByItself() {
    Cli.run("schema")
        .out()
        .lines()
        .forEach(
            name -> {
              Schema schema = new Schema.Parser().parse(Cli.run("schema", name).out());
              assertThat(schema.getFullName()).isEqualTo("io.walstrata.schemas." + name);
            });
  }

  @Test
  void unknownName_isWrongUsage() {
    Cli.Outcome outcome = Cli.run("schema", "WalRecrd");
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains("WalRecrd", "WalBatch");
  }
}
