package io.walstrata.layerstore.internal.layer;

import java.util.Collection;

/** An immutable list that is cheap to append to: the longer list shares the elements. */
class AppendList<T> {
  /*
   * All lists that were made from each other share one array, of which each uses as many elements
   * as it is long. Appending to the longest of them sets the next element, which no other uses;
   * appending to another one, or to a full array, copies.
   */
  private static final class Elements {
    private final Object[] array;
    private int used; // guarded by this

    Elements(Object[] array, int used) {
      this.array = array;
      this.used = used;
    }
  }

  private static final int MIN_CAPACITY = 8;

  private final Elements elements;
  private final int size;

  private AppendList(Elements elements, int size) {
    this.elements = elements;
    this.size = size;
  }

  AppendList(Collection<? extends T> given) {
    Object[] array = given.toArray();
    elements = new Elements(array, array.length);
    size = array.length;
  }

  static <T> AppendList<T> of(Collection<? extends T> given) {
    return new AppendList<>(given);
  }

  AppendList<T> plus(T added) {
    Elements target = elements;
    synchronized (target) {
      if (target.used > size || size == target.array.length) {
        Object[] longer = new Object[Math.max(MIN_CAPACITY, size + size / 2)];
        System.arraycopy(target.array, 0, longer, 0, size);
        target = new Elements(longer, size);
      }
      target.array[size] = added;
      target.used = size + 1;
      return new AppendList<>(target, size + 1);
    }
  }

  int size() {
    return size;
  }

  @SuppressWarnings("unchecked") // nothing else is ever stored
  T get(int index) {
    if (index >= size) {
      throw new IndexOutOfBoundsException(index);
    }
    return (T) elements.array[index];
  }
}
