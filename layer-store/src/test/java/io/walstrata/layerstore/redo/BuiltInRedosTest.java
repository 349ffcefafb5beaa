package io.walstrata.layerstore.redo;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.BytePatchRedo.Patch;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The redos that come with the engine, without a store. */
class BuiltInRedosTest {
  private static final PageKey KEY = new PageKey(1, 2);
  private static final int PAGE = 16;
  private static final BytePatchRedo PATCHES = new BytePatchRedo(PAGE);

  private static RedoRequest request(
      @Nullable Version base, @Nullable Lsn droppedAt, Version... records) {
    PageSource none =
        (key, asOf) -> {
          throw new AssertionError("no other page is needed");
        };
    return new RedoRequest(KEY, Lsn.of(100), base, List.of(records), droppedAt, none);
  }

  private static Version image(long lsn, int bytes) {
    byte[] page = new byte[bytes];
    Arrays.fill(page, (byte) 'i');
    return new Version(Lsn.of(lsn), Value.image(page));
  }

  private static Version record(long lsn, boolean willInit, byte[] bytes) {
    return new Version(Lsn.of(lsn), Value.walRecord(bytes, willInit));
  }

  private static byte[] patch(int offset, String text) {
    return BytePatchRedo.record(new Patch(offset, text.getBytes(US_ASCII)));
  }

  private static String text(RedoResult result) {
    assertThat(result).isInstanceOf(RedoResult.Page.class);
    return new String(((RedoResult.Page) result).bytes(), US_ASCII).replace('\0', '.');
  }

  private static void checkRefused(RedoResult result, long lsn, Reason reason, String detail) {
    assertThat(result).isInstanceOf(RedoResult.Refused.class);
    RedoResult.Refused refused = (RedoResult.Refused) result;
    assertThat(refused.key()).isEqualTo(KEY);
    assertThat(refused.lsn()).isEqualTo(Lsn.of(lsn));
    assertThat(refused.reason()).isEqualTo(reason);
    assertThat(refused.detail()).contains(detail);
  }

  @Test
  void patches_areAppliedToTheImage_inOrder() {
    Version base = image(1, PAGE);
    RedoResult result =
        PATCHES.redo(
            request(
                base,
                null,
                record(2, false, patch(3, "abc")),
                record(
                    3,
                    false,
                    BytePatchRedo.record(
                        new Patch(5, new byte[] {'X'}),
                        new Patch(15, new byte[] {'Y'}),
                        new Patch(16, new byte[0])))));
    assertThat(text(result)).isEqualTo("iiiabXiiiiiiiiiY");
    assertThat(((RedoResult.Page) result).recordsApplied()).isEqualTo(2);
    assertThat(base).as("not written to").isEqualTo(image(1, PAGE));
  }

  @Test
  void recordWithWillInit_startsFromZeros() {
    assertThat(text(PATCHES.redo(request(null, Lsn.of(1), record(2, true, patch(1, "ab"))))))
        .isEqualTo(".ab.............");
  }

  @Test
  void imageAlone_isCopied() {
    Version base = image(1, PAGE);
    for (PageRedo redo : List.of(PATCHES, new ImageRedo())) {
      RedoResult.Page page = (RedoResult.Page) unchecked(redo, request(base, null));
      assertThat(page.bytes()).isEqualTo(base.value().bytes()).isNotSameAs(base.value().bytes());
      assertThat(page.recordsApplied()).isZero();
    }
  }

  private static RedoResult unchecked(PageRedo redo, RedoRequest request) {
    try {
      return redo.redo(request);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void noVersion_isDropped_orBeforeHistory() {
    for (PageRedo redo : List.of(PATCHES, new ImageRedo())) {
      checkRefused(unchecked(redo, request(null, null)), 0, Reason.BEFORE_HISTORY, "asOf=0/64");
      assertThat(unchecked(redo, request(null, Lsn.of(7))))
          .isInstanceOfSatisfying(
              RedoResult.Absent.class, absent -> assertThat(absent.why()).contains("0/7"));
    }
  }

  @Test
  void imageRedo_refusesTheFirstRecord() {
    RedoResult result =
        new ImageRedo()
            .redo(
                request(
                    image(1, PAGE),
                    null,
                    record(2, false, patch(0, "a")),
                    record(3, false, patch(0, "b"))));
    checkRefused(result, 2, Reason.UNSUPPORTED_RECORD, "bytes=9");
  }

  @Test
  void patchesWithoutBase_areRefused() {
    checkRefused(
        PATCHES.redo(request(null, null, record(5, false, patch(0, "a")))),
        5,
        Reason.MISSING_BASE,
        "no version before");
  }

  @Test
  void damagedPatches_areRefused_withTheirLsn() {
    Version base = image(1, PAGE);
    byte[] whole = patch(2, "abcd");
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      checkRefused(
          PATCHES.redo(request(base, null, record(4, false, cut))), 4, Reason.DAMAGED_RECORD, "");
    }
    byte[] extended = Arrays.copyOf(whole, whole.length + 3);
    checkRefused(
        PATCHES.redo(request(base, null, record(4, false, extended))),
        4,
        Reason.DAMAGED_RECORD,
        "at=12");
    checkRefused(
        PATCHES.redo(request(base, null, record(4, false, patch(13, "abcd")))),
        4,
        Reason.DOES_NOT_FIT,
        "offset=13, length=4");
    byte[] huge = ByteBuffer.allocate(9).putInt(-1).putInt(1).array();
    checkRefused(
        PATCHES.redo(request(base, null, record(4, false, huge))),
        4,
        Reason.DOES_NOT_FIT,
        "offset=4294967295");
    checkRefused(
        PATCHES.redo(request(image(3, PAGE + 1), null)), 3, Reason.DAMAGED_RECORD, "bytes=17");
  }

  @Test
  void randomBytes_areAppliedOrRefused() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = random.nextInt(3) == 0 ? bytes[at] : 0; // small offsets and lengths are rare
      }
      RedoResult result = PATCHES.redo(request(null, null, record(4, true, bytes)));
      if (result instanceof RedoResult.Page page) {
        assertThat(page.bytes()).hasSize(PAGE);
      } else {
        assertThat(result).isInstanceOf(RedoResult.Refused.class);
      }
    }
  }

  @Test
  void pageSize_isBounded() {
    for (int bytes : new int[] {-1, 0, Value.MAX_BYTES + 1}) {
      assertThatThrownBy(() -> new BytePatchRedo(bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("pageBytes=" + bytes);
    }
  }
}
