package io.walstrata.layerstore.internal.home.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.HomeClaimedException;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.ManifestMovedException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalLayerHomeTest {
  private static final String TIMELINE = "00112233445566778899aabbccddeeff";
  private static final String NAME = TIMELINE + "/a.delta";

  @TempDir Path directory;
  private LocalLayerHome home;

  @BeforeEach
  void createHome() {
    home = new LocalLayerHome(directory.resolve("topic/0"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void write(String name, String text) throws IOException {
    try (LayerFileOutput out = home.create(name)) {
      out.write(ByteBuffer.wrap(bytes(text)));
      assertThat(out.position()).isEqualTo(text.length());
      out.publish();
    }
  }

  @Test
  void homeThatDoesNotExist_readsAsEmptyAndIsNotCreated() throws IOException {
    assertThat(home.readManifest()).isEmpty();
    assertThat(home.list()).isEmpty();
    home.delete(NAME);
    assertThatThrownBy(() -> home.open(NAME)).isInstanceOf(NoSuchFileException.class);
    assertThat(home.directory()).doesNotExist();
  }

  @Test
  void replaceManifest_comparesBefore() throws IOException {
    home.claim().close();
    home.replaceManifest(new byte[0], bytes("one"));
    home.replaceManifest(bytes("one"), bytes("two"));
    // After a failure nobody knows whether it was replaced: the same call again is no error.
    home.replaceManifest(bytes("one"), bytes("two"));

    assertThat(home.readManifest()).isEqualTo(bytes("two"));
    assertThatThrownBy(() -> home.replaceManifest(bytes("one"), bytes("three")))
        .isInstanceOfSatisfying(
            ManifestMovedException.class, e -> assertThat(e.actual()).isEqualTo(bytes("two")));
    assertThat(home.readManifest()).isEqualTo(bytes("two"));
    assertThat(home.directory().resolve("manifest.temp")).doesNotExist();
  }

  @Test
  void file_isVisibleWhenPublishedAndNotBefore() throws IOException {
    try (LayerFileOutput out = home.create(NAME)) {
      out.write(ByteBuffer.wrap(bytes("half")));
      assertThat(home.list()).containsExactly(NAME + ".temp");
      assertThatThrownBy(() -> home.open(NAME)).isInstanceOf(NoSuchFileException.class);
      out.publish();
    }
    assertThat(home.list()).containsExactly(NAME);
    write(NAME, "again");
    try (LayerFileInput in = home.open(NAME)) {
      ByteBuffer read = ByteBuffer.allocate(3);
      in.read(2, read);
      assertThat(read.array()).isEqualTo(bytes("ain"));
      assertThat(in.length()).isEqualTo(5);
      assertThat(in.name()).endsWith("/topic/0/" + NAME);
      assertThatThrownBy(() -> in.read(3, ByteBuffer.allocate(3))).isInstanceOf(EOFException.class);
    }
    home.delete(NAME);
    assertThat(home.list()).isEmpty();
  }

  @Test
  void file_thatIsGivenUp_leavesNothing() throws IOException {
    try (LayerFileOutput out = home.create(NAME)) {
      out.write(ByteBuffer.wrap(bytes("half")));
    }
    assertThat(home.list()).isEmpty();
  }

  @Test
  void names_thatLeaveTheHome_areRefused() {
    for (String name :
        new String[] {"a.delta", "../" + NAME, TIMELINE + "/../x", "/etc/passwd", TIMELINE + "/"}) {
      assertThatIllegalArgumentException().as(name).isThrownBy(() -> home.open(name));
      assertThatIllegalArgumentException().as(name).isThrownBy(() -> home.delete(name));
      assertThatIllegalArgumentException().as(name).isThrownBy(() -> home.create(name));
    }
  }

  @Test
  void claim_isExclusiveInThisProcess_alsoThroughALink() throws IOException {
    Claim claim = home.claim();
    Path link = Files.createSymbolicLink(directory.resolve("link"), home.directory());
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(home::claim)
          .isInstanceOf(HomeClaimedException.class)
          .hasMessageContaining("home=" + home.directory())
          .hasMessageContaining("this same process");
      assertThatThrownBy(() -> new LocalLayerHome(link).claim())
          .isInstanceOf(HomeClaimedException.class);
    }
    claim.close();
    claim.close();
    home.claim().close();
  }

  @Test
  void claim_isExclusiveAmongProcesses_andGoesWithTheOwner() throws Exception {
    Process owner = startOwner();
    try {
      assertThat(owner.inputReader().readLine()).isEqualTo("claimed");
      assertThatThrownBy(home::claim)
          .isInstanceOf(HomeClaimedException.class)
          .hasMessageContaining("owner=process " + owner.pid() + "@");
    } finally {
      owner.destroyForcibly();
    }
    assertThat(owner.waitFor(30, TimeUnit.SECONDS)).isTrue();
    home.claim().close();
  }

  private Process startOwner() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Owner.class.getName(),
            home.directory().toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Another process that claims a home and keeps it. */
  static final class Owner {
    private Owner() {}

    public static void main(String[] args) throws Exception {
      try (Claim claim = new LocalLayerHome(Path.of(args[0])).claim()) {
        System.out.println(claim == null ? "nothing" : "claimed");
        System.out.flush();
        Thread.sleep(60_000);
      }
    }
  }
}
