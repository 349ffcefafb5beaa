package io.walstrata.layerstore.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.TestWrites;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link LayerHome} promises, whatever keeps its files. */
@Timeout(60)
public abstract class LayerHomeContract {
  @TempDir Path directory;
  private LayerHome home;

  /** Returns a home that nothing was written to. */
  protected abstract LayerHome create(Path scratch) throws IOException;

  /** Returns another object for the same home, as another process has it. */
  protected abstract LayerHome again(LayerHome same);

  @BeforeEach
  void createHome() throws IOException {
    home = create(directory);
  }

  /** Returns the path of some layer, another one for each number. */
  public static LayerPath path(int number) {
    KeyRange keys = KeyRange.of(PageKey.of(0, 1663, 5, 16384, 0, number));
    LsnRange lsns = new LsnRange(Lsn.of(16), Lsn.of(17));
    return new LayerPath(new TimelineId(1, number % 2), new LayerFileName(keys, lsns, number));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void write(LayerHome home, LayerPath path, String text) throws IOException {
    try (LayerFileOutput out = TestWrites.create(home, path)) {
      assertThat(out.name()).isEqualTo(path.toString());
      out.write(ByteBuffer.wrap(bytes(text)));
      assertThat(out.position()).isEqualTo(text.length());
      out.publish();
    }
  }

  private static String read(LayerHome home, LayerPath path) throws IOException {
    try (LayerFileInput in = home.open(path)) {
      ByteBuffer all = ByteBuffer.allocate((int) in.length());
      in.read(0, all);
      return new String(all.array(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void homeThatHasNoClaim_readsAsEmpty() throws IOException {
    assertThat(home.readManifest()).isEmpty();
    assertThat(home.list()).isEmpty();
    assertThat(home.damaged()).isEmpty();
    assertThat(home.deleteUnpublished()).isEmpty();
    home.delete(path(1));
    assertThatThrownBy(() -> home.open(path(1))).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> home.readDamage(path(1))).isInstanceOf(NoSuchFileException.class);
    assertThat(home.location()).isNotEmpty();
    assertThat(home.syncNanos()).isNotNegative();
  }

  @Test
  void replaceManifest_comparesAndReplaces() throws IOException {
    home.claim();
    home.replaceManifest(new byte[0], bytes("one"));
    home.replaceManifest(bytes("one"), bytes("two"));
    assertThat(home.readManifest()).isEqualTo(bytes("two"));
    assertThat(again(home).readManifest()).isEqualTo(bytes("two"));
  }

  @Test
  void replaceManifest_again_isNoError() throws IOException {
    // After a failure the caller does not know whether it was replaced.
    home.claim();
    home.replaceManifest(new byte[0], bytes("one"));
    home.replaceManifest(bytes("one"), bytes("two"));
    home.replaceManifest(bytes("one"), bytes("two"));
    assertThat(home.readManifest()).isEqualTo(bytes("two"));
  }

  @Test
  void replaceManifest_thatAnotherOwnerWrote_isRefused() throws IOException {
    home.claim();
    home.replaceManifest(new byte[0], bytes("one"));
    again(home).replaceManifest(bytes("one"), bytes("another owner's"));
    assertThatThrownBy(() -> home.replaceManifest(bytes("one"), bytes("two")))
        .isInstanceOfSatisfying(
            ManifestMovedException.class,
            e -> assertThat(e.actual()).isEqualTo(bytes("another owner's")));
    assertThat(home.readManifest()).isEqualTo(bytes("another owner's"));
  }

  @Test
  void file_isVisibleOncePublished_andNotBefore() throws IOException {
    home.claim();
    try (LayerFileOutput out = TestWrites.create(home, path(1))) {
      out.write(ByteBuffer.wrap(bytes("half")));
      assertThat(home.list()).isEmpty();
      assertThatThrownBy(() -> home.open(path(1))).isInstanceOf(NoSuchFileException.class);
      out.publish();
    }
    assertThat(again(home).list()).containsExactly(path(1));
    assertThat(read(again(home), path(1))).isEqualTo("half");
    assertThat(home.deleteUnpublished()).isEmpty();
  }

  @Test
  void fileThatWasNotPublished_leavesNothing() throws IOException {
    home.claim();
    try (LayerFileOutput out = TestWrites.create(home, path(1))) {
      out.write(ByteBuffer.wrap(bytes("half")));
    }
    assertThat(home.list()).isEmpty();
    assertThat(home.deleteUnpublished()).isEmpty();
  }

  @Test
  void fileWhoseWriterDied_isDeletedByTheNextOwner_withoutThePublishedOnes() throws IOException {
    home.claim();
    write(home, path(1), "one");
    TestWrites.create(home, path(2)).write(ByteBuffer.wrap(bytes("half"))); // and never closed
    assertThat(again(home).deleteUnpublished()).hasSize(1);
    assertThat(home.deleteUnpublished()).isEmpty();
    assertThat(home.list()).containsExactly(path(1));
  }

  @Test
  void fileThatIsWrittenAgain_isReplaced() throws IOException {
    home.claim();
    write(home, path(1), "first");
    write(home, path(1), "second");
    assertThat(home.list()).containsExactly(path(1));
    assertThat(read(home, path(1))).isEqualTo("second");
  }

  @Test
  void read_fillsWhatItIsGiven_orSaysThatTheFileEnds() throws IOException {
    home.claim();
    write(home, path(1), "again");
    try (LayerFileInput in = home.open(path(1))) {
      ByteBuffer part = ByteBuffer.allocate(3);
      in.read(2, part);
      assertThat(part.array()).isEqualTo(bytes("ain"));
      assertThat(in.length()).isEqualTo(5);
      assertThat(in.name()).contains(path(1).toString());
      assertThatThrownBy(() -> in.read(3, ByteBuffer.allocate(3))).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void delete_takesOneFile() throws IOException {
    home.claim();
    write(home, path(1), "one");
    write(home, path(2), "two");
    home.delete(path(1));
    home.delete(path(1));
    assertThat(home.list()).containsExactly(path(2));
    assertThatThrownBy(() -> home.open(path(1))).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void list_hasTheFilesOfAllTimelines() throws IOException {
    home.claim();
    for (int number = 1; number <= 4; number++) {
      write(home, path(number), "file " + number);
    }
    assertThat(home.list())
        .containsExactlyInAnyOrder(path(1), path(2), path(3), path(4))
        .extracting(LayerPath::timeline)
        .contains(path(1).timeline(), path(2).timeline());
  }

  @Test
  void noteOfDamage_staysAsItIs_andIsNoLayer() throws IOException {
    home.claim();
    write(home, path(1), "one");
    home.noteDamage(path(1), "first\n");
    home.noteDamage(path(1), "second\n");
    assertThat(again(home).damaged()).containsExactly(path(1));
    assertThat(home.readDamage(path(1))).isEqualTo("first\n");
    assertThat(home.list()).containsExactly(path(1));
    assertThatThrownBy(() -> home.readDamage(path(2))).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void setAside_takesFilesAndTheirNotesOutOfTheHome() throws IOException {
    home.claim();
    home.replaceManifest(new byte[0], bytes("manifest"));
    write(home, path(1), "one");
    write(home, path(2), "two");
    home.noteDamage(path(1), "damaged");
    assertThat(home.setAside(List.of(path(3), path(1)), "for a test")).isNotEmpty();
    assertThat(home.list()).containsExactly(path(2));
    assertThat(home.damaged()).isEmpty();
    assertThatThrownBy(() -> home.open(path(1))).isInstanceOf(NoSuchFileException.class);
    assertThat(home.readManifest()).isEqualTo(bytes("manifest"));
    // The same once more: an earlier try may have done a part of it.
    home.setAside(List.of(path(3), path(1)), "for a test");
    write(home, path(1), "again");
    assertThat(read(home, path(1))).isEqualTo("again");
  }

  @Test
  void claim_hasOneOwner_untilItIsClosed() throws IOException {
    Claim claim = home.claim();
    for (LayerHome other : List.of(home, again(home))) {
      assertThatThrownBy(other::claim)
          .isInstanceOf(HomeClaimedException.class)
          .hasMessageContaining("home=" + home.location());
    }
    claim.close();
    Claim next = again(home).claim();
    claim.close();
    assertThatThrownBy(home::claim).isInstanceOf(HomeClaimedException.class);
    next.close();
  }
}
