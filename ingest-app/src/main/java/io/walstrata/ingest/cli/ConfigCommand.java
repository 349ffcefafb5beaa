package io.walstrata.ingest.cli;

import io.walstrata.ingest.IngestSettings;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the job's settings. {@code docs/configuration.md} is this command's output. */
@Command(
    name = "config",
    description = "List the job's settings: type, default, limits, and what each does.")
final class ConfigCommand implements Callable<Integer> {
  private static final String PREFACE =
      """
      # Configuration

      Settings of `walstrata run`, in a Java properties file (`--config FILE`) or as flags (`--name value` or
      `--name=value`); flags win. An unknown or invalid setting is refused with its name.

      `streams.NAME` is handed to Kafka Streams as `NAME` (and so to its clients: `streams.consumer.fetch.max.bytes`,
      `streams.security.protocol`), `registry.NAME` to the schema registry's client (`registry.basic.auth.user.info`).

      This page is the output of `walstrata config --markdown`.

      """;

  @Option(names = "--markdown", description = "Print the page of the documentation.")
  private boolean markdown;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (markdown) {
      out.print(markdown());
    } else {
      ConfigFlags.settings().forEach(key -> print(out, key));
      out.println(IngestSettings.STREAMS_PREFIX + "*");
      out.println("    Handed to Kafka Streams without the prefix.");
      out.println(IngestSettings.REGISTRY_PREFIX + "*");
      out.println("    Handed to the schema registry's client without the prefix.");
    }
    out.flush();
    return ExitStatus.OK;
  }

  private static void print(PrintWriter out, ConfigKey key) {
    out.println(key.name + "  (" + type(key) + ", " + standard(key) + limits(key) + ")");
    out.println("    " + key.documentation.replace("`", ""));
  }

  /** Returns the page of the documentation: one table per group of settings. */
  static String markdown() {
    StringBuilder text = new StringBuilder(PREFACE);
    for (String group : IngestSettings.GROUPS) {
      text.append("### ").append(group).append("\n\n");
      text.append("| setting | type | default | limits | what it does |\n|---|---|---|---|---|\n");
      List<ConfigKey> keys =
          ConfigFlags.settings().stream().filter(key -> group.equals(key.group)).toList();
      for (ConfigKey key : keys) {
        text.append("| `").append(key.name).append("` | ").append(type(key)).append(" | ");
        text.append(key.hasDefault() ? defaultCell(key) : "**required**").append(" | ");
        text.append(key.validator).append(" | ").append(key.documentation).append(" |\n");
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String defaultCell(ConfigKey key) {
    return key.defaultValue == null ? "see right" : "`" + key.defaultValue + "`";
  }

  private static String type(ConfigKey key) {
    return key.type.name().toLowerCase(java.util.Locale.ROOT);
  }

  private static String standard(ConfigKey key) {
    if (!key.hasDefault()) {
      return "required";
    }
    return key.defaultValue == null ? "default see below" : "default " + key.defaultValue;
  }

  private static String limits(ConfigKey key) {
    return key.validator == null ? "" : ", " + key.validator;
  }
}
