// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "platform/platform.hh"

namespace click {

/// An array whose length a configuration chooses. Its memory is taken at once, in `configure`, and what cannot be had is
/// an error of that configuration: no packet makes it grow, and no number is too large to be refused. Elements begin as
/// `T()`. On an operating system that hands out pages when they are first written, what is never used costs nothing.
template <typename T>
class Table {
    static_assert(alignof(T) <= alignof(std::max_align_t));

public:
    Table() = default;
    Table(Table&& other) noexcept
        : _elements(std::exchange(other._elements, nullptr)), _size(std::exchange(other._size, 0)) {}
    Table& operator=(Table&& other) noexcept {
        std::swap(_elements, other._elements);
        std::swap(_size, other._size);
        return *this;
    }
    ~Table() {
        std::destroy_n(_elements, _size);
        platform::give_back_memory(_elements);
    }

    /// Takes memory for `count` new elements in the place of those that there are. False, and nothing has changed, when
    /// there is none.
    [[nodiscard]] bool allocate(uint64_t count) {
        if (count > SIZE_MAX / 2 / sizeof(T)) {
            return false;
        }
        auto* memory = static_cast<T*>(count != 0 ? platform::take_memory(count * sizeof(T)) : nullptr);
        if (!memory && count != 0) {
            return false;
        }
        if (!is_zero_at_first()) {
            std::uninitialized_value_construct_n(memory, count);
        }
        Table fresh;
        fresh._elements = memory;
        fresh._size = count;
        *this = std::move(fresh);
        return true;
    }
    /// The same for a configuration: -1 after a report that names what the memory is for ("packets", "mappings").
    [[nodiscard]] int allocate(uint64_t count, const char* what, ErrorHandler& errh) {
        return allocate(count)
                   ? 0
                   : errh.error("out of memory: no room for %llu %s", static_cast<unsigned long long>(count), what);
    }

    size_t size() const { return _size; }
    T* data() { return _elements; }
    const T* data() const { return _elements; }
    T& operator[](size_t index) { return _elements[index]; }
    const T& operator[](size_t index) const { return _elements[index]; }
    T* begin() { return _elements; }
    T* end() { return _elements + _size; }
    const T* begin() const { return _elements; }
    const T* end() const { return _elements + _size; }

private:
    /// Whether the zeros that the memory holds are what `T()` is; the compiler knows the answer.
    static bool is_zero_at_first() {
        if constexpr (std::is_trivially_copyable_v<T>) {
            alignas(T) unsigned char bytes[sizeof(T)] = {};
            new (bytes) T();
            return std::all_of(bytes, bytes + sizeof bytes, [](unsigned char byte) { return byte == 0; });
        }
        return false;
    }

    T* _elements = nullptr;
    size_t _size = 0;
};

}  // namespace click
