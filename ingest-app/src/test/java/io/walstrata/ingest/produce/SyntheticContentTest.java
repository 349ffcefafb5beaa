package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.ingest.produce.SyntheticContent.Layout;
import io.walstrata.ingest.produce.SyntheticContent.Numbered;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticContentTest {
  private static SyntheticContent content(Layout layout, long keys, int imageEvery) {
    return new SyntheticContent(42, layout, keys, 33, 1, imageEvery);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 64, 1000, 1025})
  void everyRound_writesEachKeyOnce(long keys) {
    SyntheticContent content = content(Layout.RANDOM, keys, 4);
    TimelineId timeline = content.timeline(0);
    List<List<PageKey>> rounds = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      List<PageKey> written = new ArrayList<>();
      for (long i = 0; i < keys; i++) {
        written.add(content.key(timeline, round * keys + i));
      }
      Set<PageKey> distinct = new HashSet<>(written);
      assertThat(distinct).hasSize((int) keys);
      rounds.add(written);
    }
    if (keys >= 64) {
      assertThat(rounds.get(0))
          .isNotEqualTo(rounds.get(1))
          .isNotEqualTo(rounds.get(0).stream().sorted().toList());
    }
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void versionsOfAKey_areThoseThatWereMade(Layout layout) {
    SyntheticContent content = new SyntheticContent(7, layout, 12, 20, 3, 2);
    TimelineId timeline = content.timeline(1);
    long records = 23;
    Map<PageKey, List<Numbered>> made = new HashMap<>();
    for (long version = 0; version < records * 3; version++) {
      PageKey key = content.key(timeline, version);
      Lsn lsn = content.lsn(version / 3);
      Value value = new Value(content.kind(version), content.value(timeline, key, lsn));
      made.computeIfAbsent(key, k -> new ArrayList<>()).add(new Numbered(version, lsn, value));
    }
    assertThat(made).hasSize(12);
    made.forEach(
        (key, versions) ->
            assertThat(content.versions(timeline, key, records)).isEqualTo(versions));
  }

  @Test
  void firstVersionOfAKey_needsNoOlder_andEveryFourthIsAnImage() {
    SyntheticContent content = content(Layout.SEQUENTIAL, 10, 4);
    List<ValueKind> kinds = new ArrayList<>();
    for (int round = 0; round < 6; round++) {
      kinds.add(content.kind(round * 10 + 3));
    }
    assertThat(kinds)
        .containsExactly(
            ValueKind.IMAGE,
            ValueKind.WAL_RECORD,
            ValueKind.WAL_RECORD,
            ValueKind.WAL_RECORD,
            ValueKind.IMAGE,
            ValueKind.WAL_RECORD);
    SyntheticContent noImages = content(Layout.SEQUENTIAL, 10, 0);
    assertThat(noImages.kind(9)).isEqualTo(ValueKind.WAL_RECORD_WILL_INIT);
    assertThat(noImages.kind(10)).isEqualTo(ValueKind.WAL_RECORD);
  }

  @Test
  void lsn_determinesTheRecord() {
    SyntheticContent content = content(Layout.RANDOM, 10, 4);
    assertThat(content.recordsUpTo(content.lsn(0))).isEqualTo(1);
    assertThat(content.recordsUpTo(content.lsn(1_000_000_007))).isEqualTo(1_000_000_008);
    assertThat(content.lsn(3).value() % 8).isZero();
    assertThatThrownBy(() -> content.recordsUpTo(Lsn.of(content.lsn(3).value() + 8)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void otherSettings_areOtherTimelinesAndOtherValues() {
    Set<TimelineId> timelines = new HashSet<>();
    Set<String> values = new HashSet<>();
    for (long seed = 0; seed < 20; seed++) {
      SyntheticContent content = new SyntheticContent(seed, Layout.RANDOM, 100, 64, 1, 4);
      for (int index = 0; index < 5; index++) {
        TimelineId timeline = content.timeline(index);
        timelines.add(timeline);
        PageKey key = PageKey.of(0, 1663, 5, 16384, 0, 1);
        values.add(
            new String(
                content.value(timeline, key, Lsn.of(64)),
                java.nio.charset.StandardCharsets.ISO_8859_1));
        values.add(
            new String(
                content.value(timeline, key, Lsn.of(72)),
                java.nio.charset.StandardCharsets.ISO_8859_1));
      }
    }
    assertThat(timelines).hasSize(100);
    assertThat(values).hasSize(200);
    assertThat(content(Layout.RANDOM, 100, 4).timeline(0))
        .isNotEqualTo(content(Layout.SEQUENTIAL, 100, 4).timeline(0))
        .isNotEqualTo(content(Layout.RANDOM, 101, 4).timeline(0))
        .isNotEqualTo(content(Layout.RANDOM, 100, 5).timeline(0));
  }

  @Test
  void content_neverChanges() {
    // What a verifier of another release computes must stay what this one made.
    SyntheticContent content = new SyntheticContent(1, Layout.RANDOM, 1 << 20, 12, 1, 10);
    TimelineId timeline = content.timeline(0);
    PageKey key = content.key(timeline, 5_000_000);
    String facts =
        timeline
            + " "
            + key
            + " "
            + content.lsn(5_000_000)
            + " "
            + java.util.HexFormat.of()
                .formatHex(content.value(timeline, key, content.lsn(5_000_000)));
    assertThat(facts)
        .isEqualTo(
            "53594e54961b1ef50000000000000000 000000067F000000050000400000000074B3"
                + " 0/11B07638 6ac7949278c8569a9dbb3065");
  }

  @Test
  void badParameters_areRefused() {
    assertThatThrownBy(() -> new SyntheticContent(1, Layout.RANDOM, 10, 1, 3, 1))
        .hasMessageContaining("multiple");
    assertThatThrownBy(() -> new SyntheticContent(1, Layout.RANDOM, 0, 1, 1, 1))
        .hasMessageContaining("keys=0");
    assertThatThrownBy(
            () -> new SyntheticContent(1, Layout.RANDOM, SyntheticContent.MAX_KEYS + 1, 1, 1, 1))
        .hasMessageContaining("keys=");
  }
}
