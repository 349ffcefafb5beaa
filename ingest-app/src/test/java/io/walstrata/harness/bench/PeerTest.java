package io.walstrata.harness.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.harness.bench.PeerReads.AsOf;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeerTest {
  @TempDir Path directory;
  private final PeerWorkload workload = new PeerWorkload(PeerWorkload.Kind.HOT, 100, 1);
  private final int count = 3000;

  private Peer filled(PeerKind kind) throws IOException {
    Peer peer = kind.open(directory, workload.lsn(workload.versions() - 1));
    for (int number = 0; number < count; number++) {
      peer.put(workload.key(number), workload.lsn(number), workload.value(number));
    }
    return peer;
  }

  @ParameterizedTest
  @EnumSource
  void everyVersion_isFoundAsOfItsLsn_beforeAndAfterAFlush(PeerKind kind) throws Exception {
    try (Peer peer = filled(kind)) {
      checkAll(peer);
      peer.flush();
      peer.reopen();
      checkAll(peer);
      PageKey never = PageKey.of(0, 1663, 5, 16384, 0, 1_000_000);
      assertThat(peer.get(never, workload.lsn(count - 1))).isNull();
      assertThat(peer.get(workload.key(5), Lsn.of(1))).isNull();
    }
    assertThat(FileUtils.sizeOfDirectory(directory.toFile()))
        .as("it is on disk")
        .isGreaterThan(count * 100L);
  }

  private void checkAll(Peer peer) throws IOException {
    int[] newest = workload.newest(count);
    for (int number = 0; number < count; number++) {
      byte[] own = peer.get(workload.key(number), workload.lsn(number));
      assertThat(workload.isValue(Objects.requireNonNull(own), number)).isTrue();
      byte[] last = peer.get(workload.key(number), workload.lsn(count - 1));
      assertThat(workload.isValue(Objects.requireNonNull(last), newest[number])).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void reads_countAndTimeWhatTheyGot(AsOf asOf) throws Exception {
    try (Peer peer = filled(PeerKind.WALSTRATA)) {
      ReadSample sample = new PeerReads(workload, peer, count, 20).run(asOf);
      assertThat(sample.perSecond()).isPositive();
      assertThat(sample.nanos().getTotalCount()).isPositive();
    }
  }

  @Test
  void wrongAnswer_endsTheReads() throws Exception {
    try (Peer peer = filled(PeerKind.WALSTRATA)) {
      PeerReads reads = new PeerReads(workload, new OffByOne(peer), count, 200);
      assertThatThrownBy(() -> reads.run(AsOf.NEWEST))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("wrong answer: store=OffByOne")
          .hasMessageContaining("expected=");
    }
  }

  /** Reads as of an LSN that is too low. */
  private static final class OffByOne implements Peer {
    private final Peer peer;

    OffByOne(Peer peer) {
      this.peer = peer;
    }

    @Override
    public void put(PageKey key, Lsn lsn, byte[] value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void reopen() {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] get(PageKey key, Lsn asOf) throws IOException {
      return peer.get(key, Lsn.of(asOf.value() - 1));
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException();
    }
  }
}
