package org.ergometer.runtime.acceleration;

import org.bytedeco.javacpp.Pointer;

/** A pointer that can be set to any address, in place of a new one for each. */
final class AddressPointer extends Pointer {

  AddressPointer at(long where) {
    address = where;
    return this;
  }
}
