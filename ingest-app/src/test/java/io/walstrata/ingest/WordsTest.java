package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
  private static final Path OWN =
      ROOT.resolve("ingest-app/src/test/java/io/walstrata/ingest/WordsTest.java");
  private static final String LIST = "Words that are used nowhere";
  private static final String LIST_END = "</ul>";
  private static final Pattern ITEM = Pattern.compile("<li>([^:<]+): ");

  /** A user of the operating system is called so, always in quotes. */
  private static final String USER = "\"nobody\"";

  /** Without {@code .avsc}: a registry compares the texts of schemas, so those published stay. */
  private static final List<String> SUFFIXES =
      List.of(".java", ".md", ".yml", ".xml", ".properties", ".sh");

  private static final Set<String> TEXT_DIRECTORIES = Set.of("bin", "docker", ".ci");
  private static final List<String> TREES = List.of(".ci", "schemas", "layer-store", "ingest-app");

  /** What a build makes, and files of old releases, which are not changed any more. */
  private static final Set<String> SKIPPED = Set.of("target", "golden");

  private static final int COLUMNS = 120;

  @Test
  void noText_hasAWordThatTheGlossaryForbids() throws IOException {
    Pattern forbidden = forbidden();
    List<String> found = new ArrayList<>();
    for (Path file : texts()) {
      String text = plain(Files.readString(file));
      String plain = (file.equals(GLOSSARY) ? withoutList(text) : text).replace(USER, "");
      Matcher words = forbidden.matcher(plain);
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
    assertThat("read_behind_the_end").containsPattern(forbidden);
    assertThat("the read goes on").containsPattern(forbidden);
    assertThat("behindhand, the cargo on board").doesNotContainPattern(forbidden);
    assertThat("BodyPublishers.noBody(), aNewer").doesNotContainPattern(forbidden);
  }

  @Test
  void plain_isOneLine() throws IOException {
    Pattern forbidden = forbidden();
    assertThat(plain("/**\n   * It goes\n   * on.\n   */")).containsPattern(forbidden);
    assertThat(plain("// It goes\r\n    // on")).containsPattern(forbidden);
    assertThat(plain("> It goes\n> on")).containsPattern(forbidden);
    assertThat(plain("\"it goes\"\n        + \" on\"")).containsPattern(forbidden);
    assertThat(plain("\"it goes\", \" on\"")).doesNotContainPattern(forbidden);
  }

  @Test
  void texts_areWrittenByThisProject() throws IOException {
    List<Path> texts = texts();
    assertThat(texts).hasSizeGreaterThan(500).doesNotHaveDuplicates();
    assertThat(texts)
        .contains(
            GLOSSARY,
            ROOT.resolve("README.md"),
            ROOT.resolve("docker-compose.yml"),
            ROOT.resolve("ingest-app/Dockerfile"),
            ROOT.resolve("ingest-app/bin/walstrata"));
    assertThat(texts).noneMatch(file -> file.toString().contains("/target/"));
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
      boolean isIndentedCode = line.startsWith("    ");
      boolean canBeWrapped = line.strip().replaceFirst("^([-*]|\\d+\\.) ", "").contains(" ");
      if (line.length() > COLUMNS && !isCode && !isIndentedCode && !isTable && canBeWrapped) {
        tooLong.add(ROOT.relativize(file) + ":" + number);
      }
    }
  }

  /** The glossary's items read {@code <li>word, word: what is written instead}. */
  private static Pattern forbidden() throws IOException {
    Matcher items = ITEM.matcher(list(plain(Files.readString(GLOSSARY))));
    List<String> words = new ArrayList<>();
    while (items.find()) {
      words.addAll(List.of(items.group(1).split(", ")));
    }
    assertThat(words).contains("behind", "nobody");
    return Pattern.compile(
        words.stream()
            .map(WordsTest::smallOrCapitalised)
            .collect(Collectors.joining("|", "(?<![A-Za-z0-9])(", ")(?![A-Za-z0-9])")));
  }

  /** Other capitals are parts of names, such as {@code noBody}. */
  private static String smallOrCapitalised(String word) {
    char first = word.charAt(0);
    return "["
        + first
        + Character.toUpperCase(first)
        + "]"
        + word.substring(1).replace(" ", "\\s+");
  }

  /**
   * Where a line is broken makes no difference, nor do the asterisks and slashes of a comment and
   * the parts of a string.
   */
  private static String plain(String text) {
    return text.replaceAll("\\R[ \\t]*(//+|\\*|#|>)?[ \\t]*", " ")
        .replaceAll("\"\\s*\\+\\s*\"", "");
  }

  private static String list(String glossary) {
    int from = glossary.indexOf(LIST);
    assertThat(from).as("the list in %s", GLOSSARY).isPositive();
    return glossary.substring(from, glossary.indexOf(LIST_END, from));
  }

  private static String withoutList(String glossary) {
    return glossary.replace(list(glossary), "");
  }

  private static List<Path> texts() throws IOException {
    List<Path> texts = new ArrayList<>();
    try (Stream<Path> top = Files.list(ROOT)) {
      top.filter(Files::isRegularFile).filter(WordsTest::isText).forEach(texts::add);
    }
    for (String tree : TREES) {
      Files.walkFileTree(ROOT.resolve(tree), new Texts(texts));
    }
    texts.remove(OWN);
    return texts;
  }

  private static boolean isText(Path file) {
    String name = file.getFileName().toString();
    return SUFFIXES.stream().anyMatch(name::endsWith)
        || name.equals("Dockerfile")
        || TEXT_DIRECTORIES.contains(file.getParent().getFileName().toString());
  }

  /** Collects text files. A build may change what it makes meanwhile: that is not even listed. */
  private static final class Texts extends SimpleFileVisitor<Path> {
    private final List<Path> found;

    private Texts(List<Path> found) {
      this.found = found;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return SKIPPED.contains(directory.getFileName().toString())
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile() && isText(file)) {
        found.add(file);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
