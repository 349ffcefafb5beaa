package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * All text of the project keeps to the glossary: the words that the engine's package-info lists as
 * used nowhere are in no source file, message or page of documentation. Pages are wrapped.
 */
class WordsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path GLOSSARY =
      ROOT.resolve("layer-store/src/main/java/io/walstrata/layerstore/package-info.java");
  private static final String LIST = "Words that are used nowhere";
  private static final Pattern ITEM = Pattern.compile("<li>([^:<]+): ");
  private static final List<String> SUFFIXES =
      List.of(".java", ".md", ".yml", ".xml", ".avsc", ".properties", ".sh");
  private static final List<String> MODULES = List.of("schemas", "layer-store", "ingest-app");
  private static final int COLUMNS = 120;

  @Test
  void noText_hasAWordThatTheGlossaryForbids() throws IOException {
    Pattern forbidden = forbidden();
    List<String> found = new ArrayList<>();
    for (Path file : texts()) {
      String text = Files.readString(file);
      // Where a line is broken makes no difference, nor do a comment's asterisks and slashes.
      String plain = text.replaceAll("\\R[ \\t]*(//+|\\*|#)?[ \\t]*", " ");
      Matcher words = forbidden.matcher(file.equals(GLOSSARY) ? beforeList(plain) : plain);
      while (words.find()) {
        int from = Math.max(0, words.start() - 40);
        int to = Math.min(plain.length(), words.end() + 40);
        found.add(ROOT.relativize(file) + ": …" + plain.substring(from, to) + "…");
      }
    }
    assertThat(found).as("see the list at the end of %s", ROOT.relativize(GLOSSARY)).isEmpty();
  }

  @Test
  void forbidden_isTheGlossarysList() throws IOException {
    Pattern forbidden = forbidden();
    assertThat("offset behind the end").containsPattern(forbidden);
    assertThat("Nobody reads it").containsPattern(forbidden);
    assertThat("the read goes on").containsPattern(forbidden);
    assertThat("behindhand, the cargo on board").doesNotContainPattern(forbidden);
  }

  @Test
  void pages_areWrapped() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path file : texts()) {
      if (file.toString().endsWith(".md")) {
        tooLong(file, tooLong);
      }
    }
    assertThat(tooLong).as("lines of more than %d columns", COLUMNS).isEmpty();
  }

  /** Tables, code and lines that are one link cannot be wrapped. */
  private static void tooLong(Path file, List<String> tooLong) throws IOException {
    boolean isCode = false;
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      boolean isFence = line.strip().startsWith("```");
      isCode ^= isFence;
      boolean isTable = line.strip().startsWith("|");
      boolean canBeWrapped = line.strip().replaceFirst("^([-*]|\\d+\\.) ", "").contains(" ");
      if (line.length() > COLUMNS && !isCode && !isTable && canBeWrapped) {
        tooLong.add(ROOT.relativize(file) + ":" + number);
      }
    }
  }

  /** The glossary's items read {@code <li>word, word: what is written instead}. */
  private static Pattern forbidden() throws IOException {
    String glossary = Files.readString(GLOSSARY);
    int list = glossary.indexOf(LIST);
    assertThat(list).as("the list in %s", GLOSSARY).isPositive();
    List<String> words = new ArrayList<>();
    Matcher items = ITEM.matcher(glossary.substring(list));
    while (items.find()) {
      words.addAll(List.of(items.group(1).split(", ")));
    }
    assertThat(words).contains("behind", "nobody");
    return Pattern.compile(
        "\\b(" + String.join("|", words).replace(" ", "\\s+") + ")\\b", Pattern.CASE_INSENSITIVE);
  }

  private static String beforeList(String glossary) {
    return glossary.substring(0, glossary.indexOf(LIST));
  }

  /** Text files of the project: not what a build makes, nor what tests read as others made it. */
  private static List<Path> texts() throws IOException {
    List<Path> texts = new ArrayList<>();
    try (Stream<Path> top = Files.list(ROOT)) {
      top.filter(WordsTest::isText).forEach(texts::add);
    }
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
        files
            .filter(WordsTest::isText)
            .filter(file -> !file.startsWith(ROOT.resolve(module).resolve("target")))
            .filter(file -> !file.equals(own()))
            .forEach(texts::add);
      }
    }
    assertThat(texts).hasSizeGreaterThan(500);
    return texts;
  }

  private static boolean isText(Path file) {
    String name = file.getFileName().toString();
    return Files.isRegularFile(file)
        && (SUFFIXES.stream().anyMatch(name::endsWith) || file.getParent().endsWith("bin"));
  }

  private static Path own() {
    return ROOT.resolve("ingest-app/src/test/java/io/walstrata/ingest/WordsTest.java");
  }
}
