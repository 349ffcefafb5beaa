package io.walstrata.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.backup.MadeUpCluster.Taken;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tar files become what the directory becomes that they were made of. */
class TarBackupTest {
  private static final String SPACE = "pg_tblspc/16700/";

  @TempDir Path folder;
  private Path data;
  private Path tars;

  @BeforeEach
  void makeCluster() throws IOException {
    data = folder.resolve("data");
    tars = Files.createDirectories(folder.resolve("tars"));
    new MadeUpCluster(data).online();
  }

  private static OutputStream packed(Path file) throws IOException {
    OutputStream out = Files.newOutputStream(file);
    String name = file.toString();
    if (name.endsWith(".gz")) {
      return new GZIPOutputStream(out);
    } else if (name.endsWith(".zst")) {
      return new ZstdOutputStream(out);
    } else if (name.endsWith(".lz4")) {
      return new FramedLZ4CompressorOutputStream(out);
    }
    return out;
  }

  /** Writes {@code base.tar} and {@code 16700.tar} with files in an order that is not sorted. */
  private Path tar(String suffix, String prefix) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(data)) {
      files = new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
    }
    Collections.shuffle(files, new Random(7));
    Path base = tars.resolve("base.tar" + suffix);
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(packed(base));
        TarArchiveOutputStream space =
            new TarArchiveOutputStream(packed(tars.resolve("16700.tar" + suffix)))) {
      add(out, data.resolve("PG_VERSION"), prefix + "PG_VERSION");
      for (Path file : files) {
        String name = data.relativize(file).toString();
        if (name.startsWith(SPACE)) {
          add(space, file, name.substring(SPACE.length()));
        } else if (!name.equals("backup_manifest") && !name.equals("PG_VERSION")) {
          add(out, file, prefix + name);
        }
      }
    }
    Files.copy(data.resolve("backup_manifest"), tars.resolve("backup_manifest"));
    return base;
  }

  private static void add(TarArchiveOutputStream tar, Path file, String name) throws IOException {
    tar.putArchiveEntry(new TarArchiveEntry(file.toFile(), name));
    Files.copy(file, tar);
    tar.closeArchiveEntry();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz", ".zst", ".lz4"})
  void tars_haveTheVersionsOfTheirFiles(String suffix) throws IOException {
    assertSame(TarBackup.of(tar(suffix, "")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"./", "data/", "./data/"})
  void aPrefixOfAllNames_isLeftOut(String prefix) throws IOException {
    assertSame(TarBackup.of(tar(".gz", prefix)));
  }

  @Test
  void aFileLongerThanASegment_hasThePagesOfOne() throws IOException {
    Files.write(data.resolve("base/5/16800"), new byte[6 * 8192]);
    assertSame(TarBackup.of(tar("", "")));
  }

  private void assertSame(TarBackup tar) throws IOException {
    FilesBackup plain = FilesBackup.of(new DirectoryFiles(data));
    Taken expected = Taken.of(plain);
    Taken taken = Taken.of(tar);
    assertThat(tar.bounds()).isEqualTo(plain.bounds());
    assertThat(taken.keys()).containsExactlyInAnyOrderElementsOf(expected.keys());
    taken.versions.forEach(
        (key, value) -> assertThat(value).as("%s", key).isEqualTo(expected.versions.get(key)));
  }

  @Test
  void aSecondRun_continuesAfterAnyVersion() throws IOException {
    Path base = tar("", "");
    List<PageKey> keys = new ArrayList<>(Taken.of(TarBackup.of(base)).versions.keySet());
    TarBackup again = TarBackup.of(base);
    for (int i = 0; i < keys.size(); i++) {
      Taken rest = new Taken();
      again.copyTo(rest, keys.get(i));
      assertThat(rest.versions.keySet())
          .containsExactlyElementsOf(keys.subList(i + 1, keys.size()));
    }
  }

  @Test
  void theOrderOfTheFiles_hasANameOfItsOwn() throws IOException {
    TarBackup tar = TarBackup.of(tar("", ""));
    assertThat(tar.order()).startsWith("tar-").doesNotContain(" ");
    assertThat(FilesBackup.of(new DirectoryFiles(data)).order()).isNotEqualTo(tar.order());
  }

  @Test
  void aTarOfSomethingElse_isRefused() throws IOException {
    Path base = tars.resolve("base.tar");
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(packed(base))) {
      add(out, data.resolve("PG_VERSION"), "PG_VERSION");
    }
    assertThatThrownBy(() -> TarBackup.of(base))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("missing=global/pg_control");
  }
}
