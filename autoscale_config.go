package droplets

// AutoscaleConfig is the number of Droplets of a pool. A static pool has TargetNumberInstances, a dynamic pool has
// MinInstances and MaxInstances and the fields below them. Methods reject a configuration that has fields of both.
type AutoscaleConfig struct {
	// TargetNumberInstances is the number of Droplets of a static pool, 1 to 1000.
	TargetNumberInstances int `json:"target_number_instances,omitzero"`
	// MinInstances is the smallest number of Droplets of a dynamic pool, 1 to 500.
	MinInstances int `json:"min_instances,omitzero"`
	// MaxInstances is the largest number of Droplets of a dynamic pool, 1 to 1000, and at least MinInstances. All of them
	// may be billed.
	MaxInstances int `json:"max_instances,omitzero"`
	// TargetCPUUtilization is the average part of the CPU time that a dynamic pool aims at, 0.05 to 1; 0 if the pool does
	// not follow the CPU.
	TargetCPUUtilization float64 `json:"target_cpu_utilization,omitzero"`
	// TargetMemoryUtilization is the average part of the memory that a dynamic pool aims at, 0.05 to 1; 0 if the pool does
	// not follow the memory.
	TargetMemoryUtilization float64 `json:"target_memory_utilization,omitzero"`
	// CooldownMinutes is how long a dynamic pool waits after it has changed its number of Droplets, 5 to 20 minutes; 0 for
	// the API's default.
	CooldownMinutes int `json:"cooldown_minutes,omitzero"`
}

// IsStatic reports whether the pool has a fixed number of Droplets.
func (c AutoscaleConfig) IsStatic() bool { return c.TargetNumberInstances != 0 }
