package io.walstrata.layerstore.internal.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A damaged delta layer file is a {@link CorruptLayerException}: never another exception, never a
 * wrong version.
 */
class DeltaLayerCorruptionTest {
  private final Sample sample = Sample.small();

  private byte[] file() throws IOException {
    return sample.write(100);
  }

  @Test
  void everyBitFlipped_isDetected() throws IOException {
    byte[] file = file();
    for (int at = 0; at < file.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        file[at] ^= (byte) (1 << bit);
        checkDetected(file, "byte " + at + ", bit " + bit);
        file[at] ^= (byte) (1 << bit);
      }
    }
    checkIntact(file);
  }

  @Test
  void everyByteReplaced_isDetected() throws IOException {
    byte[] file = file();
    Random random = new Random(1);
    for (int at = 0; at < file.length; at++) {
      byte good = file[at];
      byte bad = (byte) random.nextInt(256);
      if (bad != good) {
        file[at] = bad;
        checkDetected(file, "byte " + at + " replaced by " + bad);
        file[at] = good;
      }
    }
  }

  @Test
  void everyTruncation_isDetectedAtOpen() throws IOException {
    byte[] file = file();
    for (int length = 0; length < file.length; length++) {
      checkRefused(Arrays.copyOf(file, length), "cut at " + length);
      checkRefused(Arrays.copyOfRange(file, file.length - length, file.length), "tail " + length);
    }
  }

  @Test
  void everyExtension_isDetectedAtOpen() throws IOException {
    byte[] file = file();
    Random random = new Random(2);
    for (int more = 1; more <= 600; more++) {
      byte[] longer = Arrays.copyOf(file, file.length + more);
      checkRefused(longer, more + " zero bytes more");
      byte[] noise = new byte[more];
      random.nextBytes(noise);
      System.arraycopy(noise, 0, longer, file.length, more);
      checkRefused(longer, more + " random bytes more");
    }
    byte[] twice = Arrays.copyOf(file, 2 * file.length);
    System.arraycopy(file, 0, twice, file.length, file.length);
    checkRefused(twice, "twice the file");
  }

  @Test
  void runsOfZeros_areDetected() throws IOException {
    byte[] file = file();
    for (int at = 0; at + 16 <= file.length; at++) {
      byte[] damaged = file.clone();
      Arrays.fill(damaged, at, at + 16, (byte) 0);
      if (!Arrays.equals(damaged, file)) {
        checkDetected(damaged, "zeros at " + at);
      }
    }
  }

  @Test
  void twoBlocksSwapped_areDetectedByWhoeverReadsThem() throws IOException {
    byte[] file = sample.write(1);
    DeltaLayerFooter footer = DeltaLayerReader.readFooter(MemoryFile.input(file));
    // Blocks of one version each: those with "init" and "last" are equally long.
    int init = blockOf(file, "init");
    int last = blockOf(file, "last");
    int length = DeltaLayerFormat.BLOCK_OVERHEAD + DeltaLayerFormat.MIN_BODY + 4;
    byte[] kept = Arrays.copyOfRange(file, init, init + length);
    System.arraycopy(file, last, file, init, length);
    System.arraycopy(kept, 0, file, last, length);
    assertThat(footer.blocks()).isEqualTo(sample.entries().size());

    checkDetected(file, "two blocks swapped");
  }

  private static int blockOf(byte[] file, String value) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    return text.indexOf(value) - DeltaLayerFormat.BLOCK_STORED - DeltaLayerFormat.MIN_BODY;
  }

  private static void checkRefused(byte[] damaged, String how) {
    assertThatThrownBy(() -> DeltaLayerReader.open(MemoryFile.input(damaged)))
        .as(how)
        .isInstanceOf(CorruptLayerException.class)
        .hasMessageContaining("file=memory")
        .hasMessageContaining("offset=")
        .hasMessageContaining("expected=")
        .hasMessageContaining("actual=");
  }

  /** Opening and verifying fails; what can be read before is right. */
  private void checkDetected(byte[] damaged, String how) {
    List<String> wrong = new ArrayList<>();
    boolean detected = false;
    try (DeltaLayerReader reader = DeltaLayerReader.open(MemoryFile.input(damaged))) {
      for (Sample.Entry entry : sample.entries()) {
        checkRead(reader, entry, wrong);
      }
      reader.verify();
    } catch (CorruptLayerException e) {
      detected = true;
    } catch (IOException | RuntimeException e) {
      wrong.add(e.toString());
    }
    assertThat(wrong).as(how).isEmpty();
    assertThat(detected).as(how).isTrue();
  }

  private void checkRead(DeltaLayerReader reader, Sample.Entry entry, List<String> wrong)
      throws IOException {
    try {
      List<Sample.Entry> read = Sample.read(reader, entry.key(), entry.lsn());
      if (!read.equals(sample.versions(entry.key(), entry.lsn()))) {
        wrong.add(entry + " reads as " + read);
      }
      if (!reader.contains(entry.key(), entry.lsn())) {
        wrong.add(entry + " is not contained");
      }
    } catch (CorruptLayerException e) {
      // As it should; verify() has to find the same damage.
    }
  }

  private void checkIntact(byte[] file) throws IOException {
    try (DeltaLayerReader reader = DeltaLayerReader.open(MemoryFile.input(file))) {
      reader.verify();
      assertThat(Sample.read(reader, sample.entries().get(0).key(), Lsn.MAX)).hasSize(1);
    }
  }
}
