package main

import (
	"strings"
	"testing"
)

const output = `goos: linux
BenchmarkGet/ours-2   	     100	     30000 ns/op	     100 B/op	      50 allocs/op
BenchmarkGet/godo-2   	     100	    100000 ns/op	    1000 B/op	     200 allocs/op
BenchmarkGet/ours-2   	     100	     10000 ns/op	     100 B/op	      50 allocs/op
BenchmarkGet/ours-2   	     100	     20000 ns/op	     100 B/op	      50 allocs/op
BenchmarkGet/godo-2   	     100	   3000000 ns/op	    1000 B/op	     200 allocs/op
BenchmarkAlone-2      	     100	     5 ns/op
PASS
`

const table = `| benchmark | time | of godo | allocations | of godo | bytes | of godo | runs |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| Get/ours | 20.0 µs | 0.01 | 50 | 0.25 | 100 | 0.10 | 3 |
| Get/godo | 1.55 ms |  | 200 |  | 1000 |  | 2 |
| Alone | 0.0 µs |  |  |  |  |  | 1 |
`

func TestPrintsMediansAndRatios(t *testing.T) {
	var got strings.Builder
	if err := run(nil, strings.NewReader(output), &got); err != nil {
		t.Fatal(err)
	}
	if got.String() != table {
		t.Errorf("got\n%s\nwant\n%s", got.String(), table)
	}
}

func TestRejectsAValueThatIsNotANumber(t *testing.T) {
	in := strings.NewReader("BenchmarkGet/ours-2 100 many ns/op\n")
	if err := run(nil, in, &strings.Builder{}); err == nil {
		t.Error("run accepted a value that is not a number")
	}
}
