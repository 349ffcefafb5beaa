package io.walstrata.layerstore.testkit.faultfs;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.testkit.faultfs.Step.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultFileSystemTest {
  private final Disk disk = new Disk(DiskImage.EMPTY);
  private final FaultFileSystem files = disk.start();
  private final Path root = files.getPath("/");

  private interface Operation {
    /** Returns what it has found; a channel's content as text. */
    Object run(Path directory) throws Exception;
  }

  /** What files and directories do, on any file system; each in a directory with a file "a". */
  private static Map<String, Operation> operations() {
    Map<String, Operation> all = new TreeMap<>();
    all.put("open a missing file", d -> FileChannel.open(d.resolve("x"), READ));
    all.put(
        "create in a missing directory", d -> FileChannel.open(d.resolve("x/y"), CREATE, WRITE));
    all.put("create below a file", d -> FileChannel.open(d.resolve("a/y"), CREATE, WRITE));
    all.put("create what is there", d -> FileChannel.open(d.resolve("a"), CREATE_NEW, WRITE));
    all.put("open a directory for writing", d -> FileChannel.open(d, WRITE));
    all.put(
        "read a directory",
        d -> {
          try (FileChannel channel = FileChannel.open(d, READ)) {
            return channel.read(ByteBuffer.allocate(1));
          }
        });
    all.put(
        "force a directory",
        d -> {
          try (FileChannel channel = FileChannel.open(d, READ)) {
            channel.force(true);
            return "forced";
          }
        });
    all.put("delete a missing file", d -> run(() -> Files.delete(d.resolve("x"))));
    all.put("delete if it is there", d -> Files.deleteIfExists(d.resolve("x")));
    all.put("delete a directory with a file", d -> run(() -> Files.delete(d)));
    all.put("make a directory that is there", d -> Files.createDirectory(d));
    all.put("make directories that are there", d -> Files.createDirectories(d).equals(d));
    all.put("make a directory in none", d -> Files.createDirectory(d.resolve("x/y")));
    all.put("make a directory below a file", d -> Files.createDirectory(d.resolve("a/y")));
    all.put("make directories below a file", d -> Files.createDirectories(d.resolve("a/y/z")));
    all.put(
        "make directories",
        d -> {
          Files.createDirectories(d.resolve("x/y/z"));
          return List.of(Files.isDirectory(d.resolve("x/y/z")), Files.exists(d.resolve("x/z")));
        });
    all.put(
        "move a file to a name that is taken",
        d -> {
          Files.writeString(d.resolve("b"), "other");
          Files.move(d.resolve("b"), d.resolve("a"), StandardCopyOption.ATOMIC_MOVE);
          return Files.readString(d.resolve("a")) + Files.exists(d.resolve("b"));
        });
    all.put(
        "move a missing file",
        d -> Files.move(d.resolve("x"), d.resolve("y"), StandardCopyOption.ATOMIC_MOVE));
    all.put("list a file", d -> Files.list(d.resolve("a")));
    all.put("list a missing directory", d -> Files.list(d.resolve("x")));
    all.put(
        "walk",
        d -> {
          Files.createDirectory(d.resolve("x"));
          Files.writeString(d.resolve("x/b"), "");
          try (Stream<Path> found = Files.walk(d)) {
            return found.map(path -> d.relativize(path).toString()).sorted().toList();
          }
        });
    all.put(
        "list by a pattern",
        d -> {
          Files.writeString(d.resolve("b.temp"), "");
          try (DirectoryStream<Path> found = Files.newDirectoryStream(d, "*.temp")) {
            return found.iterator().next().getFileName().toString();
          }
        });
    all.put(
        "look at a file",
        d -> List.of(Files.isRegularFile(d.resolve("a")), Files.size(d.resolve("a"))));
    all.put("look below a file", d -> Files.exists(d.resolve("a/b")));
    all.put("look at nothing", d -> Files.getLastModifiedTime(d.resolve("x")));
    all.put(
        "read and write anywhere",
        d -> {
          try (FileChannel channel = FileChannel.open(d.resolve("a"), READ, WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 10);
            channel.position(2).write(ByteBuffer.wrap(new byte[] {9}));
            ByteBuffer bytes = ByteBuffer.allocate(20);
            int read = channel.read(bytes, 1);
            int end = channel.read(bytes, 13);
            return List.of(read, end, bytes, channel.position(), channel.size(), content(bytes));
          }
        });
    all.put(
        "truncate",
        d -> {
          try (FileChannel channel = FileChannel.open(d.resolve("a"), READ, WRITE)) {
            channel.position(4).truncate(2).truncate(100);
            return List.of(channel.size(), channel.position(), Files.readString(d.resolve("a")));
          }
        });
    all.put(
        "open for writing, truncated",
        d -> {
          FileChannel.open(d.resolve("a"), CREATE, WRITE, TRUNCATE_EXISTING).close();
          return Files.size(d.resolve("a"));
        });
    all.put(
        "read a file that was deleted",
        d -> {
          try (FileChannel channel = FileChannel.open(d.resolve("a"), READ)) {
            Files.delete(d.resolve("a"));
            ByteBuffer bytes = ByteBuffer.allocate(20);
            return channel.read(bytes) + content(bytes) + Files.exists(d.resolve("a"));
          }
        });
    all.put(
        "write to a channel for reading",
        d -> {
          try (FileChannel channel = FileChannel.open(d.resolve("a"), READ)) {
            return channel.write(ByteBuffer.allocate(1));
          }
        });
    all.put(
        "read from a channel for writing",
        d -> {
          try (FileChannel channel = FileChannel.open(d.resolve("a"), WRITE)) {
            return channel.read(ByteBuffer.allocate(1));
          }
        });
    all.put(
        "use a closed channel",
        d -> {
          FileChannel channel = FileChannel.open(d.resolve("a"), READ, WRITE);
          channel.close();
          channel.force(true);
          return "forced";
        });
    all.put(
        "map",
        d -> {
          try (FileChannel channel = FileChannel.open(d.resolve("a"), READ)) {
            return content(channel.map(FileChannel.MapMode.READ_ONLY, 2, 5));
          }
        });
    all.put(
        "lock twice",
        d -> {
          try (FileChannel one = FileChannel.open(d.resolve("a"), WRITE);
              FileChannel two = FileChannel.open(d.resolve("a"), WRITE)) {
            FileLock lock = one.tryLock();
            lock.release();
            two.tryLock();
            return one.tryLock();
          }
        });
    all.put(
        "name paths",
        d ->
            Stream.of(
                    d.resolve("x").resolveSibling(".").normalize().equals(d),
                    d.resolve("x/../y").normalize().equals(d.resolve("y")),
                    d.resolve("x").startsWith(d),
                    d.resolve("x").getParent().equals(d),
                    d.resolve("x").compareTo(d.resolve("y")),
                    d.relativize(d.resolve("x/y")),
                    d.resolve("a").toRealPath().getFileName(),
                    d.resolve("x").toAbsolutePath().isAbsolute())
                .map(Object::toString)
                .toList());
    return all;
  }

  private interface Action {
    void run() throws Exception;
  }

  private static Object run(Action action) throws Exception {
    action.run();
    return "done";
  }

  private static String content(ByteBuffer bytes) {
    List<Byte> found = new ArrayList<>();
    for (int i = 0; i < bytes.limit(); i++) {
      found.add(bytes.get(i));
    }
    return found.toString();
  }

  /** Returns what comes of each operation: its result, or its exception. */
  private static Map<String, String> results(Path base) throws IOException {
    Map<String, String> results = new TreeMap<>();
    for (Map.Entry<String, Operation> operation : operations().entrySet()) {
      Path directory = Files.createDirectory(base.resolve(operation.getKey()));
      Files.writeString(directory.resolve("a"), "content");
      String result;
      try {
        result = String.valueOf(operation.getValue().run(directory));
      } catch (FileSystemException e) {
        result = e.getClass().getName() + ": " + e.getReason();
      } catch (Exception e) {
        result = e.toString();
      }
      results.put(operation.getKey(), result);
    }
    return results;
  }

  @Test
  void operations_doAsOnTheDefaultFileSystem(@TempDir Path directory) throws IOException {
    assertThat(results(root)).isEqualTo(results(directory));
  }

  @Test
  void interruptedThread_closesTheChannel() throws IOException {
    FileChannel channel = FileChannel.open(root.resolve("a"), CREATE, WRITE);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(files.openFiles()).isEmpty();
  }

  @Test
  void steps_areCounted() throws IOException {
    Files.createDirectories(root.resolve("d"));
    int before = files.steps().size();
    try (FileChannel channel = FileChannel.open(root.resolve("d/../d/a"), CREATE, WRITE)) {
      channel.write(ByteBuffer.allocate(3));
      channel.truncate(1);
      channel.force(false);
      assertThat(files.openFiles()).containsExactly("/d/a");
    }
    files.pause(() -> Files.exists(root));
    Files.move(root.resolve("d/a"), root.resolve("d/b"), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel channel = FileChannel.open(root.resolve("d"), READ)) {
      channel.force(true);
    }
    Files.delete(root.resolve("d/b"));
    assertThat(files.openFiles()).isEmpty();
    assertThat(files.steps().subList(before, files.steps().size()))
        .extracting(step -> step.number() - before + " " + step.kind() + " " + step.path())
        .containsExactly(
            "0 CREATE /d/a",
            "1 WRITE /d/a",
            "2 TRUNCATE /d/a",
            "3 FORCE /d/a",
            "4 CLOSE /d/a",
            "5 MOVE /d/a",
            "6 OPEN /d",
            "7 SYNC_DIRECTORY /d",
            "8 CLOSE /d",
            "9 DELETE /d/b");
  }

  @Test
  void failingStep_isDoneAsFarAsItsEffectSays() throws IOException {
    for (Fault.Effect effect : Fault.Effect.values()) {
      Path file = root.resolve(effect.toString());
      files.plan(step -> step.kind() == Kind.WRITE ? Fault.noSpace(effect) : null);
      try (FileChannel channel = FileChannel.open(file, CREATE, WRITE)) {
        ByteBuffer bytes = ByteBuffer.allocate(6);
        assertThatThrownBy(() -> channel.write(bytes))
            .isExactlyInstanceOf(IOException.class)
            .hasMessage("No space left on device");
        assertThat(bytes.position()).isZero();
        assertThat(channel.size()).isEqualTo(3L * effect.ordinal());
      }
      files.plan(step -> step.kind() == Kind.DELETE ? Fault.ioError(effect) : null);
      assertThatThrownBy(() -> Files.delete(file))
          .isInstanceOf(FileSystemException.class)
          .hasMessage(file + ": Input/output error");
      assertThat(Files.exists(file)).isEqualTo(effect != Fault.Effect.ALL);
    }
  }

  @Test
  void openThatFails_leavesNothingOpen() {
    files.plan(step -> step.kind().opens() ? Fault.tooManyOpenFiles() : null);
    assertThatThrownBy(() -> Files.writeString(root.resolve("a"), "text"))
        .isInstanceOf(FileSystemException.class)
        .hasMessage("/a: Too many open files");
    assertThatThrownBy(() -> Files.list(root)).hasMessage("/: Too many open files");
    files.plan(step -> Fault.denied());
    assertThatThrownBy(() -> Files.createDirectory(root.resolve("d")))
        .isInstanceOf(AccessDeniedException.class);
    assertThat(files.openFiles()).isEmpty();
  }

  @Test
  void directoryThatCannotBeReadToItsEnd_failsAsItsIteratorDoes() throws IOException {
    int[] lists = {0};
    files.plan(
        step ->
            step.kind() == Kind.LIST && lists[0]++ > 0
                ? Fault.ioError(Fault.Effect.NOTHING)
                : null);
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(root)) {
      assertThatThrownBy(() -> stream.iterator().hasNext())
          .isInstanceOf(DirectoryIteratorException.class);
    }
  }

  @Test
  void closeThatFails_closes() throws IOException {
    FileChannel channel = FileChannel.open(root.resolve("a"), CREATE, WRITE);
    files.plan(step -> step.kind() == Kind.CLOSE ? Fault.ioError(Fault.Effect.NOTHING) : null);
    assertThatThrownBy(channel::close).hasMessage("Input/output error");
    assertThat(channel.isOpen()).isFalse();
    assertThat(files.openFiles()).isEmpty();
  }

  @Test
  void stoppedProcess_doesNothingMore_andItsLockIsFree() throws IOException {
    FileChannel channel = FileChannel.open(root.resolve("a"), CREATE, WRITE);
    assertThat(channel.tryLock().isValid()).isTrue();
    FaultFileSystem second = disk.start();
    try (FileChannel other = FileChannel.open(second.getPath("/a"), WRITE)) {
      assertThat(other.tryLock()).isNull();

      files.plan(step -> Fault.stop());
      assertThat(files.isStopped()).isFalse();
      assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1))).hasMessageContaining("stop");
      assertThat(files.isStopped()).isTrue();
      files.plan(FaultPlan.NONE);
      assertThatThrownBy(() -> Files.delete(root.resolve("a"))).hasMessageContaining("stopped");
      channel.close();
      assertThat(files.openFiles()).isEmpty();

      assertThat(other.tryLock()).isNotNull();
      assertThat(other.size()).isZero();
    }
  }

  @Test
  void lock_goesWithAnyOfTheProcesssChannels() throws IOException {
    try (FileChannel holder = FileChannel.open(root.resolve("a"), CREATE, WRITE)) {
      FileLock lock = holder.tryLock();
      FileChannel.open(root.resolve("a"), READ).close();
      assertThat(lock.isValid()).isFalse();
      try (FileChannel other = FileChannel.open(disk.start().getPath("/a"), WRITE)) {
        assertThat(other.tryLock()).isNotNull();
      }
    }
  }

  @Test
  void transfersInPieces_doSomeOfIt() throws IOException {
    files.transferInPieces();
    try (FileChannel channel = FileChannel.open(root.resolve("a"), CREATE, READ, WRITE)) {
      ByteBuffer bytes = ByteBuffer.allocate(1000);
      int written = channel.write(bytes);
      assertThat(written).isBetween(1, 999).isEqualTo(bytes.position());
      assertThat(channel.read(ByteBuffer.allocate(1000), 0)).isBetween(1, written);
    }
  }

  @Test
  void pathsOfOthers_areRefused() {
    assertThatThrownBy(() -> root.resolve(Path.of("a")))
        .isInstanceOf(ProviderMismatchException.class);
    assertThat(root.equals(disk.start().getPath("/"))).isFalse();
  }
}
