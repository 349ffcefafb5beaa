package io.walstrata.harness.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobReadsTest {
  private static final String PAGE =
      "{\"asOf\":\"0/9\",\"status\":\"complete\",\"base\":{\"lsn\":\"0/1\",\"length\":1,"
          + "\"bytes\":\"AQ==\"},\"records\":[]}";

  /** Answers the first reads with a failure, and the others with a page. */
  private static Ledger.Answer read(int failures, int status, String code) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean fails = asked.getAndIncrement() < failures;
          byte[] body =
              (fails ? "{\"code\":\"" + code + "\",\"status\":" + status + "}" : PAGE)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(fails ? status : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort();
      return new JobReads(List.of(url), Duration.ofMinutes(1))
          .read(new TimelineId(1, 2), PageKey.MIN, Lsn.of(9));
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, timeline_not_found",
    "409, lsn_not_reached",
    "503, not_ready",
    "503, too_busy",
    "503, peer_unavailable"
  })
  void whatPasses_isAskedAgain(int status, String code) throws Exception {
    assertThat(read(3, status, code).status()).isEqualTo("complete");
  }

  @Test
  void whatStays_isTheAnswer() throws Exception {
    assertThat(read(1, 404, "before_history").status()).isEqualTo("before_history");
  }
}
