package io.walstrata.ingest;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads Prometheus' text format, version 0.0.4, as strictly as its documentation puts it: every
 * sample belongs to a family with a type, families are in one piece, no sample comes twice.
 */
final class PrometheusText {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\\\\\"\n]|\\\\[\\\\n\"])*)\"(,|$)");
  private static final Set<String> TYPES =
      Set.of("counter", "gauge", "summary", "histogram", "untyped");

  private final Map<String, String> types = new LinkedHashMap<>();
  private final Map<String, Set<String>> labels = new TreeMap<>();
  private final Map<String, Double> samples = new LinkedHashMap<>();
  private final Set<String> helped = new HashSet<>();
  private String family = "";

  private PrometheusText() {}

  static PrometheusText parse(String text) {
    if (!text.endsWith("\n")) {
      throw new AssertionError("the last line does not end");
    }
    PrometheusText parsed = new PrometheusText();
    text.lines().forEach(parsed::line);
    return parsed;
  }

  private void line(String line) {
    if (line.startsWith("# HELP ")) {
      String name = line.substring(7).split(" ", 2)[0];
      require(NAME.matcher(name).matches() && helped.add(name), line);
      require(!types.containsKey(name), line);
    } else if (line.startsWith("# TYPE ")) {
      String[] parts = line.substring(7).split(" ");
      require(parts.length == 2 && TYPES.contains(parts[1]), line);
      require(types.put(parts[0], parts[1]) == null, line);
      family = parts[0];
    } else if (!line.startsWith("#") && !line.isBlank()) {
      sample(line);
    }
  }

  private void sample(String line) {
    Matcher matcher = SAMPLE.matcher(line);
    require(matcher.matches(), line);
    String name = matcher.group(1);
    require(name.equals(family) || isPartOf(name), line);
    String tags = matcher.group(2) == null ? "" : matcher.group(2);
    Set<String> names = labels.computeIfAbsent(name, n -> new TreeSet<>());
    Matcher label = LABEL.matcher(tags);
    Set<String> own = new TreeSet<>();
    int at = 0;
    while (at < tags.length()) {
      require(label.find(at) && label.start() == at && own.add(label.group(1)), line);
      at = label.end();
    }
    names.addAll(own);
    String value = matcher.group(3).replace("+Inf", "Infinity").replace("-Inf", "-Infinity");
    require(samples.put(name + "{" + tags + "}", Double.valueOf(value)) == null, line);
  }

  private boolean isPartOf(String name) {
    String type = types.get(family);
    return ("summary".equals(type) || "histogram".equals(type))
        && name.startsWith(family)
        && Set.of("_sum", "_count", "_bucket").contains(name.substring(family.length()));
  }

  private static void require(boolean holds, String line) {
    if (!holds) {
      throw new AssertionError("not Prometheus' text format: " + line);
    }
  }

  /** Returns the type of each family, {@code gauge} for instance. */
  Map<String, String> types() {
    return types;
  }

  /** Returns the names of the labels of a metric's samples. */
  Set<String> labels(String name) {
    return labels.getOrDefault(name, labels.getOrDefault(name + "_count", Set.of()));
  }

  /** Returns the samples by name and labels, as they were written. */
  Map<String, Double> samples() {
    return samples;
  }

  /** Returns the sum of a metric's samples whose labels contain a text. */
  double sum(String name, String label) {
    return samples.entrySet().stream()
        .filter(each -> each.getKey().startsWith(name + "{") && each.getKey().contains(label))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }
}
