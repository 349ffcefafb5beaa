package io.walstrata.ingest.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.walstrata.ingest.config.IngestSettings;
import io.walstrata.ingest.http.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

      `streams.NAME` is passed to Kafka Streams as `NAME` (and so to its clients: `streams.consumer.fetch.max.bytes`,
      `streams.security.protocol`), `registry.NAME` to the schema registry's client (`registry.basic.auth.user.info`).

      This page is the output of `walstrata config --markdown`.

      """;

  @Option(names = "--markdown", description = "Print the page of the documentation.")
  private boolean markdown;

  @Option(names = "--json", description = "Print one JSON object per setting.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** A line of JSON. Without a default the setting is required, or documented otherwise. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      String name,
      String group,
      String type,
      boolean required,
      @JsonProperty("default") @Nullable String standard,
      @Nullable String limits,
      String documentation) {

    static Line of(ConfigKey key) {
      return new Line(
          key.name,
          key.group,
          ConfigCommand.type(key),
          !key.hasDefault(),
          key.hasDefault() && key.defaultValue != null ? String.valueOf(key.defaultValue) : null,
          key.validator == null ? null : key.validator.toString(),
          key.documentation.replace("`", ""));
    }
  }

  @Override
  public Integer call() {
    if (markdown && json) {
      throw new ParameterException(spec.commandLine(), "one of --markdown and --json");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (markdown) {
      out.print(markdown());
    } else if (json) {
      ConfigFlags.settings().forEach(key -> out.println(Json.text(Line.of(key))));
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
