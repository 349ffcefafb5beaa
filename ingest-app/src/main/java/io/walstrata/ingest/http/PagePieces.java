package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.page.Version;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of {@link Answers.Page} in pieces of a few KiB, made one by one: the whole of it is
 * never in memory. For one thread at a time.
 */
final class PagePieces implements Iterator<byte[]> {
  /** A multiple of three, so that pieces in base64 can be concatenated. */
  private static final int BYTES_PER_PIECE = 12 << 10;

  private final ReconstructData data;
  private final boolean withBytes;
  private final Answers.@Nullable RedonePage page;
  private final boolean isExplained;
  private final ValueDescriber describer;
  private final Deque<Iterator<byte[]>> pending = new ArrayDeque<>();
  private int step; // 0: the fields before the records; then each record; then the end

  /**
   * @param withBytes whether to add the bytes of the image and of the records
   * @param page what redo made, null if that is not part of the answer
   * @param isExplained whether to add {@code lastLsn} and {@code layersVisited}
   * @param describer describes WAL records
   */
  PagePieces(
      ReconstructData data,
      boolean withBytes,
      Answers.@Nullable RedonePage page,
      boolean isExplained,
      ValueDescriber describer) {
    this.data = data;
    this.withBytes = withBytes;
    this.page = page;
    this.isExplained = isExplained;
    this.describer = describer;
  }

  @Override
  public boolean hasNext() {
    while (pending.isEmpty() || !pending.peek().hasNext()) {
      if (pending.isEmpty()) {
        if (step > data.records().size() + 1) {
          return false;
        }
        prepare(step++);
      } else {
        pending.remove();
      }
    }
    return true;
  }

  @Override
  public byte[] next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return pending.element().next();
  }

  private void prepare(int number) {
    if (number == 0) {
      begin();
    } else if (number <= data.records().size()) {
      record(number - 1);
    } else {
      text(end());
    }
  }

  private void begin() {
    text(open(ToJson.head(data)));
    Version base = data.base();
    if (base != null) {
      text(",\"base\":");
      value(new Answers.Base(base.lsn().toString(), base.value().bytes().length, null), base);
    }
    text(",\"records\":[");
  }

  private void record(int index) {
    Version version = data.records().get(index);
    if (index > 0) {
      text(",");
    }
    value(ToJson.walRecord(data.key(), version, describer), version);
  }

  /** Adds an object, with its bytes if they are to be in the answer. */
  private void value(Object object, Version version) {
    if (withBytes) {
      text(open(object) + ",\"bytes\":\"");
      pending.add(new Base64Pieces(new Slices(version.value().bytes(), BYTES_PER_PIECE)));
      text("\"}");
    } else {
      text(Json.text(object));
    }
  }

  private String end() {
    Map<String, Object> explained = new LinkedHashMap<>();
    if (page != null) {
      explained.put("page", page);
    }
    if (!isExplained) {
      return explained.isEmpty() ? "]}" : "]," + Json.text(explained).substring(1);
    }
    explained.put("lastLsn", data.lastLsn().toString());
    explained.put("layersVisited", ToJson.layersVisited(data));
    return "]," + Json.text(explained).substring(1);
  }

  /** Returns an object's JSON without its last brace. */
  private static String open(Object object) {
    String json = Json.text(object);
    return json.substring(0, json.length() - 1);
  }

  private void text(String text) {
    pending.add(
        Collections.singletonList(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .iterator());
  }

  /** Base64 of bytes, in pieces. */
  private record Base64Pieces(Slices slices) implements Iterator<byte[]> {
    @Override
    public boolean hasNext() {
      return slices.hasNext();
    }

    @Override
    public byte[] next() {
      return Base64.getEncoder().encode(slices.next());
    }
  }
}
