// Package jsonread decodes JSON documents whose fields are known in advance, without reflection. A type lists its fields
// in a function that calls a function of this package for each key, best in the order that the documents have.
//
// A [Reader] either produces what [encoding/json] produces or fails: for every invalid document, and for valid ones that
// are unusual, such as one with capital letters in a key. The caller then uses encoding/json, which reports the error if there
// is one. Keys that a type does not list are skipped. Decoded values share no memory with the document.
package jsonread

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reader reads a document that is one object. While [Reader.Next] returns true, the caller must read the fields once more.
type Reader struct {
	data   []byte
	pos    int
	key    []byte // the current key of the object that is being read; nil after the last one
	mark   int    // the position at the last call of Next for this object; 0 before
	failed bool
	block  strings.Builder // memory for strings, shared by several
	recent [64]string      // hash table of recent strings, because slugs and tags repeat
	budget int             // bytes that may be allocated for items of lists before they are read
}

// NewReader returns a reader at the beginning of data.
func NewReader(data []byte) *Reader { return &Reader{data: data, budget: 4096 + 2*len(data)} }

// Next moves to the first key of an object. Later it skips the current key, unless it was read since the last call.
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

// Done reports whether the document was read to its end. If not, some fields are set.
func (r *Reader) Done() bool { return r.peek() == 0 && r.pos == len(r.data) && !r.failed }

// require makes the reader fail unless ok. It then moves to the end of the document, which ends every loop.
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

// more reads the comma before another item, or the end of the list or object.
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

// number returns a number. It rejects what strconv accepts and JSON does not, such as "+1", "01" and ".5".
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

// quoted returns a string with its quotes, and whether the bytes between them are its value: ASCII without escapes.
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

// intern returns the copy of a string in the table, or a new one in a small block of memory that several strings share.
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
