package io.walstrata.layerstore.internal.home.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.TestWrites;
import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.HomeClaimedException;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHomeContract;
import io.walstrata.layerstore.home.LayerPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalLayerHomeTest {
  private static final LayerPath PATH = LayerHomeContract.path(1);

  @TempDir Path directory;
  private LocalLayerHome home;

  @BeforeEach
  void createHome() {
    home = new LocalLayerHome(directory.resolve("topic/0"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void homeThatDoesNotExist_isNotCreatedByReading() throws IOException {
    assertThat(home.readManifest()).isEmpty();
    assertThat(home.list()).isEmpty();
    assertThat(home.damaged()).isEmpty();
    home.delete(PATH);
    assertThat(home.directory()).doesNotExist();
  }

  @Test
  void files_haveTheirNamesOnDisk() throws IOException {
    try (LayerFileOutput out = TestWrites.create(home, PATH)) {
      out.write(ByteBuffer.wrap(bytes("half")));
      assertThat(home.fileNames()).containsExactly(PATH + ".temp");
      out.publish();
    }
    home.noteDamage(PATH, "for a test");
    assertThat(home.fileNames()).containsExactlyInAnyOrder(PATH.toString(), PATH + ".damage");
    try (LayerFileInput in = home.open(PATH)) {
      assertThat(in.name()).endsWith("/topic/0/" + PATH);
    }
    home.claim().close();
    home.replaceManifest(new byte[0], bytes("one"));
    assertThat(home.directory().resolve("manifest")).hasContent("one");
    assertThat(home.directory().resolve("manifest.temp")).doesNotExist();
    assertThat(home.setAside(List.of(PATH), "for a test"))
        .isEqualTo(home.directory().resolve("damaged/1").toString());
    assertThat(home.fileNames()).isEmpty();
    for (String name : List.of(PATH.toString(), PATH + ".damage", "manifest", "why.txt")) {
      assertThat(home.directory().resolve("damaged/1").resolve(name)).exists();
    }
  }

  @Test
  void deleteUnpublished_deletesWhatIsNamedSo_andNothingElse() throws IOException {
    Path timeline = home.directory().resolve(PATH.timeline().toString());
    Files.createDirectories(timeline);
    for (String name : List.of(PATH.fileName() + ".temp", "x.temp", "x", "x.damage")) {
      Files.createFile(timeline.resolve(name));
    }
    assertThat(home.deleteUnpublished())
        .containsExactlyInAnyOrder(PATH + ".temp", PATH.timeline() + "/x.temp");
    assertThat(home.fileNames())
        .containsExactlyInAnyOrder(PATH.timeline() + "/x", PATH.timeline() + "/x.damage");
    assertThat(home.list()).isEmpty();
    assertThat(home.damaged()).isEmpty();
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
