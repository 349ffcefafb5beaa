package io.walstrata.postgres.redo;

import io.walstrata.postgres.page.Page;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Where two pages differ, for people. */
final class PageDifference {
  private static final int LINE = 16;
  private static final int LINES = 3;

  private PageDifference() {}

  /** Returns where the pages differ, in several lines; null if they do not. */
  static @Nullable String of(byte[] replayed, byte[] expected) {
    int first = Arrays.mismatch(replayed, expected);
    if (first < 0) {
      return null;
    }
    int count = 0;
    int length = Math.min(replayed.length, expected.length);
    for (int i = first; i < length; i++) {
      count += replayed[i] != expected[i] ? 1 : 0;
    }
    StringBuilder text = new StringBuilder();
    text.append("first difference at ").append(first).append(": ").append(region(expected, first));
    text.append(", bytes that differ: ").append(count);
    text.append(", lengths: ").append(replayed.length).append('/').append(expected.length);
    text.append("\n  replayed header ").append(header(replayed));
    text.append("\n  expected header ").append(header(expected));
    int shown = 0;
    for (int at = first & -LINE; at < length && shown < LINES; at += LINE) {
      int end = Math.min(at + LINE, length);
      if (Arrays.mismatch(replayed, at, end, expected, at, end) >= 0) {
        text.append("\n  ").append(at).append("\treplayed ").append(hex(replayed, at, end));
        text.append("\n\texpected ").append(hex(expected, at, end));
        text.append("   ").append(region(expected, at));
        shown++;
      }
    }
    return text.toString();
  }

  private static String hex(byte[] bytes, int from, int to) {
    return HexFormat.ofDelimiter(" ").formatHex(bytes, from, to);
  }

  private static String header(byte[] bytes) {
    if (bytes.length != Page.BYTES) {
      return "none";
    }
    Page page = new Page(bytes);
    return "flags="
        + page.flags()
        + " lower="
        + page.lower()
        + " upper="
        + page.upper()
        + " special="
        + page.special()
        + " pruneXid="
        + page.pruneXid();
  }

  /** Returns what part of a page an offset belongs to. */
  static String region(byte[] bytes, int at) {
    if (at < Page.HEADER_BYTES) {
      return "header";
    }
    if (bytes.length != Page.BYTES) {
      return "content";
    }
    Page page = new Page(bytes);
    if (at < page.lower()) {
      return "line pointer " + ((at - Page.HEADER_BYTES) / Page.ITEM_ID_BYTES + 1);
    }
    if (at >= page.special()) {
      return "special space +" + (at - page.special());
    }
    if (at < page.upper()) {
      return "hole";
    }
    for (int number = 1; number <= Math.min(page.maxOffset(), Page.MAX_OFFSET_NUMBER); number++) {
      int item = page.itemId(number);
      int start = Page.offsetOf(item);
      if (Page.lengthOf(item) > 0 && at >= start && at < start + Page.align(Page.lengthOf(item))) {
        String padding = at >= start + Page.lengthOf(item) ? " (padding)" : "";
        return "item " + number + " +" + (at - start) + padding;
      }
    }
    return "items' space, no item";
  }
}
