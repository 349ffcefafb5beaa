package io.walstrata.ingest.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * {@code docker-compose.yml} as Compose sees it: merged, and with the defaults of its variables.
 */
final class ComposeFile {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+):-([^}]*)\\}");

  private final Map<String, Object> root;

  private ComposeFile(Map<String, Object> root) {
    this.root = root;
  }

  static ComposeFile read(Path file) throws IOException {
    String text = VARIABLE.matcher(Files.readString(file)).replaceAll(m -> quoted(m.group(2)));
    return new ComposeFile(map(new Yaml(new SafeConstructor(new LoaderOptions())).load(text)));
  }

  private static String quoted(String replacement) {
    return Matcher.quoteReplacement(replacement);
  }

  Map<String, Object> root() {
    return root;
  }

  Map<String, Object> services() {
    return map(root.get("services"));
  }

  Map<String, Object> service(String name) {
    return map(services().get(name));
  }

  /** Returns the words of a service's command. */
  List<String> command(String service) {
    return strings(service(service).get("command"));
  }

  Map<String, String> environment(String service) {
    Map<String, String> environment = new LinkedHashMap<>();
    map(service(service).get("environment")).forEach((name, v) -> environment.put(name, "" + v));
    return environment;
  }

  /** Returns where a service's volumes are mounted, by what is mounted. */
  Map<String, String> volumes(String service) {
    Map<String, String> volumes = new LinkedHashMap<>();
    for (String each : strings(service(service).get("volumes"))) {
      String[] parts = each.split(":", -1);
      volumes.put(parts[0], parts[1]);
    }
    return volumes;
  }

  /** Returns a map of YAML; empty if it is absent. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> map(@Nullable Object yaml) {
    return yaml == null ? Map.of() : (Map<String, Object>) yaml;
  }

  /** Returns a list of YAML; empty if it is absent. */
  static List<String> strings(@Nullable Object yaml) {
    List<String> strings = new ArrayList<>();
    if (yaml != null) {
      ((List<?>) yaml).forEach(each -> strings.add("" + each));
    }
    return strings;
  }
}
