package io.walstrata.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.backup.MadeUpCluster.Taken;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.Slru;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a directory becomes. */
class FilesBackupTest {
  @TempDir Path folder;

  private MadeUpCluster cluster() {
    return new MadeUpCluster(folder);
  }

  private FilesBackup open() throws IOException {
    return FilesBackup.of(new DirectoryFiles(folder));
  }

  private byte[] block(String path, int index) throws IOException {
    byte[] content = Files.readAllBytes(folder.resolve(path));
    return Arrays.copyOfRange(content, index * Page.BYTES, (index + 1) * Page.BYTES);
  }

  @Test
  void aStoppedServersFiles_becomeVersionsInTheOrderOfKeys() throws IOException {
    cluster().stopped();
    FilesBackup backup = open();
    Taken taken = Taken.of(backup);

    assertThat(backup.bounds())
        .isEqualTo(new BackupBounds(MadeUpCluster.REDO, MadeUpCluster.REDO, 3, false));
    assertThat(taken.warnings).isEmpty();
    assertThat(List.copyOf(taken.versions.keySet())).isSorted();
    assertThat(taken.versions.get(PgKeys.block(1663, 5, 16384, 0, 9)))
        .isEqualTo(block("base/5/16384.2", 1));
    assertThat(taken.versions.get(PgKeys.slru(Slru.CLOG, 32))).isEqualTo(block("pg_xact/0001", 0));
    assertThat(taken.versions.get(PgKeys.twoPhase(0x2E4))).containsExactly(1, 2, 3);
    assertThat(taken.versions.get(PgKeys.relationMap(1663, 5))).hasSize(524);
    assertThat(taken.versions.get(PgKeys.CONTROL_FILE)).hasSize(8192);
    assertThat(taken.versions).hasSize(10 + 3 + 1 + 1 + 1 + 1 + 2 + 2 + 9 + 2 + 5 + 1 + 1);
    assertThat(backup.countVersions()).isEqualTo(taken.versions.size() - 9);
  }

  @Test
  void forks_haveTheirSizes() throws IOException {
    cluster().stopped();
    Taken taken = Taken.of(open());

    assertThat(size(taken, 1663, 5, 16384, 0)).isEqualTo(10);
    assertThat(size(taken, 1663, 5, 16400, 0)).isZero();
    assertThat(size(taken, 1663, 5, 2619, 2)).isEqualTo(1);
    assertThat(size(taken, 16700, 5, 16701, 0)).isEqualTo(2);
    assertThat(size(taken, 1664, 0, 1262, 0)).isEqualTo(2);
  }

  private static int size(Taken taken, long spc, long db, long rel, int fork) {
    byte[] value = taken.versions.get(PgKeys.size(spc, db, rel, fork));
    assertThat(value).hasSize(4);
    return value == null ? -1 : LittleEndian.i32(value, 0);
  }

  @Test
  void anUnloggedRelation_hasItsInitForkOnly() throws IOException {
    cluster().stopped();
    Taken taken = Taken.of(open());

    assertThat(taken.versions.keySet().stream().filter(key -> key.rel() == 16500))
        .containsExactly(PgKeys.block(1663, 5, 16500, 3, 0), PgKeys.size(1663, 5, 16500, 3));
  }

  @Test
  void aSecondRun_continuesAfterAnyVersion() throws IOException {
    cluster().stopped();
    Taken whole = Taken.of(open());
    List<PageKey> keys = new ArrayList<>(whole.versions.keySet());
    for (int i = 0; i < keys.size(); i++) {
      Taken rest = new Taken();
      open().copyTo(rest, keys.get(i));
      assertThat(rest.versions.keySet())
          .containsExactlyElementsOf(keys.subList(i + 1, keys.size()));
      rest.versions.forEach((key, value) -> assertThat(value).isEqualTo(whole.versions.get(key)));
    }
  }

  @Test
  void aBackupOfARunningServer_takesItsBoundsFromLabelAndManifest() throws IOException {
    cluster().online();
    assertThat(open().bounds())
        .isEqualTo(
            new BackupBounds(MadeUpCluster.REDO, Lsn.parse("0/2000158"), 3, /* isOnline= */ true));
    Files.delete(folder.resolve("backup_manifest"));
    assertThat(open().bounds().endLsn()).isEqualTo(Lsn.INVALID);
  }

  @Test
  void filesOfARunningServer_areRefused() throws IOException {
    cluster().stopped().write("postmaster.pid", new byte[] {'1'});
    assertThatThrownBy(this::open).hasMessageContaining("found=postmaster.pid");
    Files.delete(folder.resolve("postmaster.pid"));
    cluster().write("global/pg_control", MadeUpCluster.control(6));
    assertThatThrownBy(this::open).hasMessageContaining("missing=backup_label");
  }

  @Test
  void anIncrementalBackup_isRefused() throws IOException {
    cluster().online();
    Files.writeString(
        folder.resolve("backup_label"), MadeUpCluster.LABEL + "INCREMENTAL FROM LSN: 0/1000028\n");
    assertThatThrownBy(this::open).hasMessageContaining("pg_combinebackup");
  }

  @Test
  void aDirectoryOfSomethingElse_isRefused() {
    assertThatThrownBy(this::open).hasMessageContaining("missing=global/pg_control");
  }

  @Test
  void aPageWithAWrongChecksum_isAnErrorOfAStoppedServer_andAWarningOfABackup() throws IOException {
    cluster().stopped();
    byte[] content = Files.readAllBytes(folder.resolve("base/5/16384.1"));
    content[3 * Page.BYTES + 5000] ^= 1;
    Files.write(folder.resolve("base/5/16384.1"), content);
    FilesBackup stopped = open();
    assertThatThrownBy(() -> Taken.of(stopped))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("file=base/5/16384.1, block=3");

    cluster().online();
    Files.write(folder.resolve("base/5/16384.1"), content);
    Taken taken = Taken.of(open());
    assertThat(taken.warnings)
        .hasSize(2)
        .anyMatch(warning -> warning.contains("file=base/5/16384.1, block=3"));
    assertThat(taken.versions).containsKey(PgKeys.block(1663, 5, 16384, 0, 7));
  }

  @Test
  void aPageThatWasWrittenWhileItWasCopied_isNoDamage() throws IOException {
    cluster().online();
    byte[] torn = MadeUpCluster.page(1, 0, 0);
    LittleEndian.putI32(torn, 4, (int) MadeUpCluster.REDO.value() + 8);
    cluster().write("base/5/2619", torn);
    assertThat(Taken.of(open()).warnings).isEmpty();
  }

  @Test
  void aTablespaceThatKeysCannotHold_isReported() throws IOException {
    cluster().stopped();
    String path = "pg_tblspc/70000/PG_18_" + MadeUpCluster.CATALOG + "/5/16701";
    cluster().write(path, new byte[Page.BYTES]);
    assertThat(Taken.of(open()).leftOut).containsExactly(path);
  }

  @Test
  void aSegmentAfterOneThatIsNotFull_isLeftOut() throws IOException {
    cluster().stopped().write("base/5/16384.1", new byte[Page.BYTES]);
    Taken taken = Taken.of(open());
    assertThat(size(taken, 1663, 5, 16384, 0)).isEqualTo(5);
    assertThat(taken.versions).doesNotContainKey(PgKeys.block(1663, 5, 16384, 0, 8));
    assertThat(taken.warnings).anyMatch(warning -> warning.contains("base/5/16384.2"));
  }
}
