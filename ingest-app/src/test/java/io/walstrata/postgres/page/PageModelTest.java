package io.walstrata.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.postgres.wal.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random operations on items equal those on a list. */
class PageModelTest {
  private final Random random = Seeds.random();
  private Page page = Pages.empty(8);
  private List<byte[]> model = new ArrayList<>();

  @Test
  void randomOperations_equalThoseOnAList() {
    for (int round = 0; round < 200; round++) {
      page = Pages.empty(8 * random.nextInt(5));
      model = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        step();
        check();
      }
    }
  }

  private void step() {
    int count = model.size();
    int number = 1 + random.nextInt(Math.max(1, count));
    int length = 1 + random.nextInt(200);
    switch (random.nextInt(count == 0 ? 3 : 9)) {
      case 0, 1, 2, 3 -> insert(1 + random.nextInt(count + 1), length);
      case 4 -> {
        page.deleteIndexItem(number);
        model.remove(number - 1);
      }
      case 5 -> deleteSeveral();
      case 6 -> {
        page.deleteIndexItemKeepingLine(number);
        if (number == count) {
          model.remove(number - 1);
        } else {
          model.set(number - 1, new byte[0]);
        }
        // Other operations do not work with line pointers that are not in use.
        if (number < count) {
          byte[] item = randomItem(1);
          put(page.putItem(number, 1), item);
          model.set(number - 1, item);
        }
      }
      case 7 -> replace(number, length);
      default -> page.compact();
    }
  }

  private void insert(int number, int length) {
    if (page.freeBytes() < Page.align(length) + 4) {
      return;
    }
    byte[] item = randomItem(length);
    put(page.insertItem(number, length), item);
    model.add(number - 1, item);
  }

  private void replace(int number, int length) {
    if (page.freeBytes() < Page.align(length)) {
      return;
    }
    byte[] item = randomItem(length);
    put(page.replaceIndexItem(number, length), item);
    model.set(number - 1, item);
  }

  private void deleteSeveral() {
    int[] numbers = new int[model.size()];
    int count = 0;
    List<byte[]> kept = new ArrayList<>();
    for (int number = 1; number <= model.size(); number++) {
      if (random.nextInt(4) == 0) {
        numbers[count++] = number;
      } else {
        kept.add(model.get(number - 1));
      }
    }
    page.deleteIndexItems(numbers, count);
    model = kept;
  }

  private byte[] randomItem(int length) {
    byte[] item = new byte[length];
    random.nextBytes(item);
    return item;
  }

  private void put(int at, byte[] item) {
    System.arraycopy(item, 0, page.bytes(), at, item.length);
  }

  /** The items are those of the list, and lie without gaps up to the special space. */
  private void check() {
    page.checkHeader();
    assertThat(Pages.items(page)).containsExactlyElementsOf(model);
    int bytes = model.stream().mapToInt(item -> Page.align(item.length)).sum();
    assertThat(page.upper()).isEqualTo(page.special() - bytes);
    assertThat(page.lower()).isEqualTo(24 + 4 * model.size());
  }

  @Test
  void randomBytes_areRefusedWithAPageExceptionOrNotAtAll() {
    byte[] bytes = new byte[Page.BYTES];
    for (int round = 0; round < 20_000; round++) {
      damage(bytes);
      page = new Page(bytes.clone());
      try {
        operate();
      } catch (PageException e) {
        assertThat(e).hasMessageContaining("=");
      }
    }
  }

  /** Makes a page whose header is right more often than chance would have it. */
  private void damage(byte[] bytes) {
    random.nextBytes(bytes);
    Page damaged = new Page(bytes);
    if (random.nextInt(4) > 0) {
      bytes[13] &= 0x1F;
      bytes[15] &= 0x1F;
      bytes[16] = 0;
      bytes[17] = (byte) (random.nextBoolean() ? 0x20 : bytes[17] & 0x3F);
    }
    if (random.nextBoolean()) {
      int lines = random.nextInt(20);
      damaged.setLower(24 + 4 * lines);
      for (int number = 1; number <= lines; number++) {
        damaged.setItemId(number, random.nextInt(8300) & ~7, 1, random.nextInt(200));
      }
    }
  }

  private void operate() {
    int number = random.nextInt(20);
    int length = random.nextInt(300) - 10;
    switch (random.nextInt(8)) {
      case 0 -> page.insertItem(number, length);
      case 1 -> page.putItem(number, length);
      case 2 -> page.deleteIndexItem(number);
      case 3 -> page.deleteIndexItems(new int[] {number, number + 1, number + 3, 9}, 3);
      case 4 -> page.deleteIndexItemKeepingLine(number);
      case 5 -> page.replaceIndexItem(number, length);
      case 6 -> page.compact();
      default -> page.normalItem(number, length);
    }
  }
}
