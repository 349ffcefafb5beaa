package io.walstrata.ingest.cli;

import io.walstrata.ingest.config.SettingsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UnmatchedArgsBinding;
import picocli.CommandLine.ParameterException;

/**
 * Every setting of a producer as a flag of its command, and the pass-through settings as {@code
 * --producer.name=value}. Flags win over the file.
 */
final class ProduceFlags {
  private final CommandSpec command;
  private final ConfigDef definition;

  /** What no declared option took: pass-through settings, or a mistake. */
  private final List<String> others = new ArrayList<>();

  private ProduceFlags(CommandSpec command, ConfigDef definition) {
    this.command = command;
    this.definition = definition;
  }

  /** Gives a command one option per setting. */
  static ProduceFlags addTo(CommandSpec command, ConfigDef definition) {
    ProduceFlags flags = new ProduceFlags(command, definition);
    definition.configKeys().values().forEach(key -> command.addOption(option(key)));
    command.addUnmatchedArgsBinding(
        UnmatchedArgsBinding.forStringArrayConsumer(
            new ISetter() {
              @Override
              @SuppressWarnings("unchecked")
              public <T> T set(T value) {
                flags.others.clear();
                if (value != null) { // As it is before a command line is read.
                  flags.others.addAll(List.of((String[]) value));
                }
                return value;
              }
            }));
    return flags;
  }

  private static OptionSpec option(ConfigKey key) {
    String standard =
        key.hasDefault() && key.defaultValue != null ? " Default: " + key.defaultValue + "." : "";
    String needed = key.hasDefault() ? "" : " Required, here or in the file.";
    OptionSpec.Builder option =
        OptionSpec.builder("--" + key.name)
            .type(String.class)
            // A percent sign in a description is a format to picocli.
            .description((key.documentation + standard + needed).replace("%", "%%"));
    return key.type == ConfigDef.Type.BOOLEAN
        ? option.arity("0..1").fallbackValue("true").paramLabel("true|false").build()
        : option.paramLabel("VALUE").build();
  }

  /**
   * Returns the settings: of the file, overridden by flags.
   *
   * @param file the properties file, or null for flags only
   * @throws ParameterException if an argument is no flag
   * @throws org.apache.kafka.common.config.ConfigException if the file cannot be read
   */
  Map<String, String> settings(@Nullable Path file) {
    Map<String, String> settings = new HashMap<>(file == null ? Map.of() : SettingsFile.read(file));
    for (String name : definition.names()) {
      @Nullable String value = command.findOption("--" + name).getValue();
      if (value != null) {
        settings.put(name, value);
      }
    }
    Set<String> given = new HashSet<>();
    for (String flag : others) {
      int equals = flag.indexOf('=');
      if (!flag.startsWith("--") || equals < 0) {
        throw new ParameterException(
            command.commandLine(), "unknown argument, expected --name=value: " + flag);
      }
      if (!given.add(flag.substring(2, equals))) {
        throw new ParameterException(
            command.commandLine(), "given twice: " + flag.substring(0, equals));
      }
      settings.put(flag.substring(2, equals), flag.substring(equals + 1));
    }
    return settings;
  }
}
