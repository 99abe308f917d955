// Package jsonread decodes JSON documents whose fields are known in advance, without reflection. A type lists its fields
// in a function that calls a function of this package for each key. It is fastest if the calls are in the order of the keys in
// the documents.
//
// A [Reader] either produces the same values as [encoding/json] or fails. It fails for every invalid document, and for valid ones
// that are unusual, such as one with capital letters in a key. The caller then decodes the document with encoding/json, whose
// result counts. Keys that a type does not list are skipped. Decoded values share no memory with the document.
package jsonread

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reader reads a document that is one object. The caller calls [Reader.Next] and, while it returns true, the functions for all
// fields.
type Reader struct {
	data   []byte
	pos    int
	key    []byte // the current key of the object that is being read; nil after the last one
	mark   int    // the position after the last call of Next for this object; 0 before the first call
	failed bool
	block  strings.Builder // memory for strings, shared by several
	recent [64]string      // hash table of recent strings, because slugs and tags repeat
	budget int             // bytes that may be allocated for items of lists before they are read
}

// NewReader returns a reader at the beginning of data.
func NewReader(data []byte) *Reader { return &Reader{data: data, budget: 4096 + 2*len(data)} }

// Next reports whether the reader is at a key. The first call moves to the first key of the object. A later call skips the current
// key and its value if no field was read since the call before.
func (r *Reader) Next() bool {
	switch r.mark {
	case 0:
		r.require(r.take('{'))
		r.readKey(!r.take('}'))
	case r.pos: // an unknown key
		r.require(bytes.IndexFunc(r.key, unicode.IsUpper) < 0) // encoding/json ignores case
		r.skip(100)
		r.nextKey()
	}
	r.mark = r.pos
	return r.key != nil
}

// Done reports whether the whole document was read without a failure. If not, some fields may be set.
func (r *Reader) Done() bool { return r.peek() == 0 && r.pos == len(r.data) && !r.failed }

// require makes the reader fail if ok is false. A reader that failed is at the end of the document, which ends every loop.
func (r *Reader) require(ok bool) {
	if !ok {
		r.failed, r.pos, r.key = true, len(r.data), nil
	}
}

func (r *Reader) nextKey() { r.readKey(r.more('}')) }

func (r *Reader) readKey(more bool) {
	if r.key = nil; more {
		token, plain := r.quoted()
		if r.require(plain && r.take(':')); !r.failed {
			r.key = token[1 : len(token)-1]
		}
	}
}

// skip skips a value with at most maxDepth levels.
func (r *Reader) skip(maxDepth int) {
	r.require(maxDepth > 0)
	switch {
	case r.take('{'):
		for more := !r.take('}'); more; more = r.more('}') {
			r.require(r.peek() == '"')
			r.skip(maxDepth - 1)
			r.require(r.take(':'))
			r.skip(maxDepth - 1)
		}
	case r.peek() == '"':
		token, plain := r.quoted()
		r.require(plain || json.Valid(token))
	case r.take('['):
		for more := !r.take(']'); more; more = r.more(']') {
			r.skip(maxDepth - 1)
		}
	case !r.null() && !r.literal("true") && !r.literal("false"):
		r.number()
	}
}

// more reads the comma before another item, or the end of the list or object. It reports whether there is another item.
func (r *Reader) more(end byte) bool {
	if r.take(end) {
		return false
	}
	r.require(r.take(','))
	return !r.failed
}

// peek skips white space and returns the next byte, or 0 at the end of the document.
func (r *Reader) peek() byte {
	for ; r.pos < len(r.data); r.pos++ {
		if c := r.data[r.pos]; c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

func (r *Reader) take(c byte) bool {
	ok := r.peek() == c
	if ok {
		r.pos++
	}
	return ok
}

func (r *Reader) literal(word string) bool {
	ok := r.peek() == word[0] && bytes.HasPrefix(r.data[r.pos:], []byte(word))
	if ok {
		r.pos += len(word)
	}
	return ok
}

func (r *Reader) null() bool { return r.peek() == 'n' && r.literal("null") }

// number returns a number. It rejects numbers that are not JSON although strconv accepts them, such as "+1", "01" and ".5".
func (r *Reader) number() []byte {
	r.peek()
	start, digits := r.pos, true
	for ; r.pos < len(r.data); r.pos++ {
		if c := r.data[r.pos]; c < '0' || c > '9' {
			if strings.IndexByte("+-.eE", c) < 0 {
				break
			}
			digits = false
		}
	}
	token := r.data[start:r.pos]
	r.require(len(token) > 0 && (digits && token[0] != '0' || json.Valid(token)))
	return token
}

// quoted returns a string with its quotes. plain is true if the bytes between them are its value: ASCII without escapes.
func (r *Reader) quoted() (token []byte, plain bool) {
	r.require(r.peek() == '"')
	plain = true
	for i := r.pos + 1; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c > '\\' && c < utf8.RuneSelf: // most letters
		case c == '"':
			token, r.pos = r.data[r.pos:i+1], i+1
			return token, plain
		case c == '\\':
			plain = false
			i++
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	r.require(false)
	return nil, false
}

// text returns a copy of a string.
func (r *Reader) text() string {
	token, plain := r.quoted()
	if plain {
		return r.intern(token[1 : len(token)-1])
	}
	var s string // not a named result, which would be allocated for every string
	r.require(json.Unmarshal(token, &s) == nil)
	return s
}

var seed = maphash.MakeSeed()

// intern returns a copy of a string: the one in the table, or a new one in a block of memory that several strings share.
func (r *Reader) intern(b []byte) string {
	if len(b) > 64 { // longer strings rarely repeat
		return string(b)
	}
	slot := &r.recent[maphash.Bytes(seed, b)%uint64(len(r.recent))]
	if *slot != string(b) {
		if r.block.Cap()-r.block.Len() < len(b) {
			r.block.Reset()
			r.block.Grow(512)
		}
		r.block.Write(b)
		*slot = r.block.String()[r.block.Len()-len(b):]
	}
	return *slot
}

// estimateItems estimates how many items of a size follow the n items that were read since start, so that a list is
// allocated at once. The budget bounds the cost of wrong estimates: brackets and commas in strings are counted too.
func (r *Reader) estimateItems(start, n, size int) int {
	items, read, list := 1, r.data[start:r.pos], r.data[r.pos:]
	if bytes.IndexByte(read, ']') < 0 { // the next bracket ends this list, not one within it
		list, _, _ = bytes.Cut(list, []byte("]"))
	}
	if n > 0 {
		items += len(list) / len(read)
	} else if r.peek() != '{' { // the length of the first object is needed for an estimate
		items += bytes.Count(list, []byte(","))
	}
	items = min(items, r.budget/size)
	r.budget -= items * size
	return items
}
