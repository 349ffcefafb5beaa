package io.walstrata.layerstore.testkit.faultfs;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a power loss leaves. */
class DiskTest {
  private final Disk disk = new Disk(DiskImage.EMPTY);
  private final FaultFileSystem files = disk.start();
  private final Path root = files.getPath("/");

  private void write(String name, String text, boolean force) throws IOException {
    try (FileChannel channel =
        FileChannel.open(root.resolve(name), CREATE, WRITE, TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      if (force) {
        channel.force(true);
      }
    }
  }

  private void sync(String directory) throws IOException {
    try (FileChannel channel = FileChannel.open(root.resolve(directory), READ)) {
      channel.force(true);
    }
  }

  private void rename(String from, String to) throws IOException {
    Files.move(root.resolve(from), root.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Returns all files and directories, by path; a directory's text is "directory". */
  private Map<String, String> left(Survival survival) throws IOException {
    Path start = new Disk(disk.image(survival)).start().getPath("/");
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(start)) {
      for (Path path : paths.skip(1).toList()) {
        found.put(
            start.relativize(path).toString(),
            Files.isDirectory(path)
                ? "directory"
                : new String(Files.readAllBytes(path), StandardCharsets.UTF_8));
      }
    }
    return found;
  }

  /** Returns what many seeds leave. */
  private Set<Map<String, String>> possible() throws IOException {
    Set<Map<String, String>> found = new HashSet<>();
    for (long seed = 0; seed < 500; seed++) {
      found.add(left(Survival.random(seed)));
    }
    return found;
  }

  @Test
  void bytesThatWereNotForced_mayBeLost() throws IOException {
    write("a", "text", false);
    sync("");
    assertThat(left(Survival.nothing())).isEqualTo(Map.of("a", ""));
    assertThat(left(Survival.everything())).isEqualTo(Map.of("a", "text"));
    assertThat(possible())
        .contains(Map.of("a", ""), Map.of("a", "text"), Map.of("a", "te"))
        .contains(Map.of("a", "\0\0\0\0"));
  }

  @Test
  void nameThatWasNotSynced_mayBeLost() throws IOException {
    write("a", "text", true);
    assertThat(left(Survival.nothing())).isEmpty();
    assertThat(possible()).containsExactlyInAnyOrder(Map.of(), Map.of("a", "text"));
    sync("");
    assertThat(possible()).containsExactly(Map.of("a", "text"));
  }

  @Test
  void rename_hasHappenedOrNot() throws IOException {
    write("a", "old", true);
    sync("");
    write("b", "new", true);
    rename("b", "a");
    assertThat(left(Survival.nothing())).isEqualTo(Map.of("a", "old"));
    assertThat(left(Survival.everything())).isEqualTo(Map.of("a", "new"));
    assertThat(possible())
        .containsExactlyInAnyOrder(
            Map.of("a", "old"), Map.of("a", "old", "b", "new"), Map.of("a", "new"));
    sync("");
    assertThat(possible()).containsExactly(Map.of("a", "new"));
  }

  @Test
  void renamedFileThatWasNotForced_mayBeEmptyUnderItsNewName() throws IOException {
    write("b", "new", false);
    rename("b", "a");
    sync("");
    assertThat(possible()).contains(Map.of("a", ""), Map.of("a", "new"));
  }

  @Test
  void deletedFile_mayComeBack() throws IOException {
    write("a", "text", true);
    sync("");
    Files.delete(root.resolve("a"));
    assertThat(possible()).containsExactlyInAnyOrder(Map.of(), Map.of("a", "text"));
    sync("");
    assertThat(possible()).containsExactly(Map.of());
  }

  @Test
  void directoryThatWasNotSynced_takesItsFilesWithIt() throws IOException {
    Files.createDirectories(root.resolve("d/e"));
    write("d/e/a", "text", true);
    sync("d/e");
    sync("d");
    assertThat(possible())
        .containsExactlyInAnyOrder(
            Map.of(), Map.of("d", "directory", "d/e", "directory", "d/e/a", "text"));
  }

  @Test
  void syncOfADirectory_isNotOneOfOthers() throws IOException {
    Files.createDirectory(root.resolve("d"));
    write("a", "text", true);
    sync("d");
    assertThat(left(Survival.nothing())).isEmpty();
  }

  @Test
  void overwrittenBytes_areOldOrNewByPageAndSector() throws IOException {
    write("a", "o".repeat(20_000), true);
    sync("");
    try (FileChannel channel = FileChannel.open(root.resolve("a"), WRITE)) {
      channel.write(ByteBuffer.wrap("n".repeat(12_000).getBytes(StandardCharsets.UTF_8)), 1_000);
    }
    Set<String> found = new HashSet<>();
    for (Map<String, String> left : possible()) {
      String text = left.get("a");
      assertThat(text).hasSize(20_000).matches("o{1000}[on]{12000}o{7000}");
      found.add(text.substring(1_000, 13_000));
    }
    assertThat(found).contains("o".repeat(12_000), "n".repeat(12_000));
    // The first page is lost and the second is there; a page is torn.
    assertThat(found).anyMatch(text -> text.matches("o{3096}n{4096}[on]+"));
    assertThat(found).anyMatch(text -> text.matches("n{512}o{2584}[on]+"));
  }

  @Test
  void truncation_mayBeLost() throws IOException {
    write("a", "a longer text", true);
    sync("");
    write("a", "short", false);
    assertThat(left(Survival.nothing())).isEqualTo(Map.of("a", "a longer text"));
    assertThat(possible())
        .contains(Map.of("a", "short"), Map.of("a", ""), Map.of("a", "shortger text"));
  }

  @Test
  void forceAfterOneThatFailed_doesNotSaveWhatWasWrittenBefore() throws IOException {
    files.plan(
        step ->
            step.kind() == Step.Kind.FORCE && step.number() < 5
                ? Fault.ioError(Fault.Effect.NOTHING)
                : null);
    try (FileChannel channel = FileChannel.open(root.resolve("a"), CREATE, WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {'x', 'y'}));
      assertThatThrownBy(() -> channel.force(true)).hasMessage("Input/output error");
      assertThat(left(Survival.everything())).isEqualTo(Map.of("a", "xy"));
      while (files.steps().size() < 5) {
        channel.size();
      }
      sync("");
      channel.force(true);
      assertThat(left(Survival.nothing())).isEqualTo(Map.of("a", ""));
      channel.write(ByteBuffer.wrap(new byte[] {'z'}), 0);
      channel.force(true);
    }
    assertThat(possible())
        .containsExactlyInAnyOrder(Map.of("a", "z"), Map.of("a", "zy"), Map.of("a", "z\0"));
  }

  @Test
  void syncOfADirectoryAfterOneThatFailed_savesItsNames() throws IOException {
    write("a", "text", true);
    files.plan(
        step ->
            step.kind() == Step.Kind.SYNC_DIRECTORY ? Fault.ioError(Fault.Effect.NOTHING) : null);
    assertThatThrownBy(() -> sync("")).hasMessage("Input/output error");
    assertThat(left(Survival.nothing())).isEmpty();
    files.plan(FaultPlan.NONE);
    sync("");
    assertThat(left(Survival.nothing())).isEqualTo(Map.of("a", "text"));
  }

  @Test
  void image_isTheSameForTheSameSeedAndHistory() throws IOException {
    for (int i = 0; i < 20; i++) {
      write("file" + i, "text".repeat(1000), i % 3 == 0);
    }
    Set<String> fingerprints = new HashSet<>();
    for (long seed = 0; seed < 20; seed++) {
      String fingerprint = disk.image(Survival.random(seed)).fingerprint();
      assertThat(disk.image(Survival.random(seed)).fingerprint()).isEqualTo(fingerprint);
      fingerprints.add(fingerprint);
    }
    assertThat(fingerprints).hasSizeGreaterThan(5);
  }

  @Test
  void imageOnAnotherDisk_isDurable(@TempDir Path directory) throws IOException {
    Files.createDirectory(root.resolve("d"));
    write("d/a", "text", false);
    DiskImage image = disk.image(Survival.everything());

    Disk other = new Disk(image);
    assertThat(other.image(Survival.nothing()).fingerprint()).isEqualTo(image.fingerprint());
    image.writeTo(directory.resolve("real"));
    assertThat(directory.resolve("real/d/a")).hasContent("text");
    assertThat(Arrays.asList(image, disk.image(Survival.nothing())))
        .extracting(DiskImage::fingerprint)
        .doesNotHaveDuplicates();
  }
}
