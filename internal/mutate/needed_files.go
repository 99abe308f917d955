package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
)

// unneededTestFiles returns the test files of a package that tests can be compiled without, which is much faster. A file is
// needed if it declares one of the tests, TestMain, an init function, or a name that a needed file uses. Names are compared
// without regard to their scope, so that a file may be kept without need.
func unneededTestFiles(packageDir string, tests []string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(packageDir, "*_test.go"))
	if err != nil {
		return nil, err
	}
	uses := make(map[string]map[string]bool) // names by file
	declaredIn := make(map[string][]string)  // files by name
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		uses[file] = usedNames(parsed)
		for _, name := range declaredNames(parsed) {
			declaredIn[name] = append(declaredIn[name], file)
		}
	}
	needed := make(map[string]bool)
	for wanted := append(slices.Clone(tests), "TestMain", "init"); len(wanted) > 0; wanted = wanted[1:] {
		for _, file := range declaredIn[wanted[0]] {
			if needed[file] {
				continue
			}
			needed[file] = true
			for name := range uses[file] {
				wanted = append(wanted, name)
			}
		}
	}
	return slices.DeleteFunc(files, func(file string) bool { return needed[file] }), nil
}

// declaredNames returns the names that a file declares in its package. A method counts as a declaration of its type.
func declaredNames(file *ast.File) (names []string) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
				continue
			}
			ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					names = append(names, id.Name)
				}
				return true
			})
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						names = append(names, id.Name)
					}
				}
			}
		}
	}
	return names
}

// usedNames returns the names in a file that can be of its package. A name after a dot is used only if it is exported: tests
// refer in this way to what test files of the package itself export.
func usedNames(file *ast.File) map[string]bool {
	used := make(map[string]bool)
	members := make(map[*ast.Ident]bool) // of a type or of another package
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			members[n.Name] = n.Recv != nil
		case *ast.SelectorExpr:
			members[n.Sel] = true
			if _, ok := n.X.(*ast.Ident); ok && n.Sel.IsExported() {
				used[n.Sel.Name] = true
			}
		case *ast.Ident:
			if !members[n] {
				used[n.Name] = true
			}
		}
		return true
	})
	return used
}
