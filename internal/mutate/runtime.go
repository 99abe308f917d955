package main

// variable is the environment variable that selects a mutant.
const variable = "MUTANT"

// runtimeFile is the name of the file that is added to the package.
const runtimeFile = "mutant_runtime.go"

// runtime is that file: functions that behave as the original code does, unless their mutant is selected.
const runtime = `package PACKAGE

import (
	"cmp"
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv("` + variable + `"))

type mutantInteger interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

type mutantNumber interface {
	mutantInteger | ~float32 | ~float64
}

func mutantIs(id int) bool { return mutant == id }

func mutantNot(id int, v bool) bool { return v != (mutant == id) }

func mutantAnd(id int, a bool, b func() bool) bool {
	if mutant == id {
		return a || b()
	}
	return a && b()
}

func mutantOr(id int, a bool, b func() bool) bool {
	if mutant == id {
		return a && b()
	}
	return a || b()
}

func mutantLess[T cmp.Ordered](id int, a, b T) bool {
	switch mutant {
	case id:
		return a <= b
	case id + 1:
		return a >= b
	}
	return a < b
}

func mutantAtMost[T cmp.Ordered](id int, a, b T) bool {
	switch mutant {
	case id:
		return a < b
	case id + 1:
		return a > b
	}
	return a <= b
}

func mutantMore[T cmp.Ordered](id int, a, b T) bool {
	switch mutant {
	case id:
		return a >= b
	case id + 1:
		return a <= b
	}
	return a > b
}

func mutantAtLeast[T cmp.Ordered](id int, a, b T) bool {
	switch mutant {
	case id:
		return a > b
	case id + 1:
		return a < b
	}
	return a >= b
}

func mutantAdd[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a - b
	}
	return a + b
}

func mutantSub[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a + b
	}
	return a - b
}

func mutantMul[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a / b
	}
	return a * b
}

func mutantDiv[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a * b
	}
	return a / b
}

func mutantRem[T mutantInteger](id int, a, b T) T {
	if mutant == id {
		return a * b
	}
	return a % b
}

func mutantOpposite[T mutantNumber](id int, a T) T {
	if mutant == id {
		return -a
	}
	return a
}

func mutantNext[T mutantNumber](id int, a T) T {
	if mutant == id {
		return a + 1
	}
	return a
}

func mutantErr(id int, err error) error {
	if mutant == id {
		return nil
	}
	return err
}
`
