package droplets

import "encoding/json"

// createWire is the body of a create of one Droplet or of several. Fields that the caller did not set are left out, and none is
// null.
type createWire struct {
	Name             string            `json:"name,omitempty"`
	Names            []string          `json:"names,omitempty"`
	Region           string            `json:"region,omitempty"`
	Size             string            `json:"size"`
	Image            ImageRef          `json:"image"`
	SSHKeys          []SSHKeyRef       `json:"ssh_keys,omitempty"`
	Backups          bool              `json:"backups,omitempty"`
	BackupPolicy     *backupPolicyWire `json:"backup_policy,omitempty"`
	IPv6             bool              `json:"ipv6,omitempty"`
	Monitoring       bool              `json:"monitoring,omitempty"`
	Tags             []string          `json:"tags,omitempty"`
	Volumes          []string          `json:"volumes,omitempty"`
	UserData         string            `json:"user_data,omitempty"`
	VPCUUID          string            `json:"vpc_uuid,omitempty"`
	SubnetUUID       string            `json:"subnet_uuid,omitempty"`
	GPUPartitionMode GPUPartitionMode  `json:"gpu_partition_mode,omitempty"`
	WithDropletAgent *bool             `json:"with_droplet_agent,omitempty"`
	PublicNetworking *bool             `json:"public_networking,omitempty"`
}

func (r DropletCreateRequest) wire() createWire {
	return createWire{Name: r.Name, Region: r.Region, Size: r.Size, Image: r.Image, SSHKeys: r.SSHKeys,
		Backups: r.Backups, BackupPolicy: r.BackupPolicy.wire(), IPv6: r.IPv6, Monitoring: r.Monitoring, Tags: r.Tags,
		Volumes: r.Volumes, UserData: r.UserData, VPCUUID: r.VPCUUID, SubnetUUID: r.SubnetUUID, GPUPartitionMode: r.GPUPartitionMode,
		WithDropletAgent: r.WithDropletAgent, PublicNetworking: r.PublicNetworking}
}

func (r DropletMultiCreateRequest) wire() createWire {
	return createWire{Names: r.Names, Region: r.Region, Size: r.Size, Image: r.Image, SSHKeys: r.SSHKeys,
		Backups: r.Backups, BackupPolicy: r.BackupPolicy.wire(), IPv6: r.IPv6, Monitoring: r.Monitoring, Tags: r.Tags,
		Volumes: r.Volumes, UserData: r.UserData, VPCUUID: r.VPCUUID, SubnetUUID: r.SubnetUUID, GPUPartitionMode: r.GPUPartitionMode,
		WithDropletAgent: r.WithDropletAgent, PublicNetworking: r.PublicNetworking}
}

// single inverts wire of DropletCreateRequest.
func (w *createWire) single() (DropletCreateRequest, error) {
	return DropletCreateRequest{Name: w.Name, Region: w.Region, Size: w.Size, Image: w.Image, SSHKeys: w.SSHKeys,
		Backups: w.Backups, BackupPolicy: w.BackupPolicy.policy(), IPv6: w.IPv6, Monitoring: w.Monitoring, Tags: w.Tags,
		Volumes: w.Volumes, UserData: w.UserData, VPCUUID: w.VPCUUID, SubnetUUID: w.SubnetUUID, GPUPartitionMode: w.GPUPartitionMode,
		WithDropletAgent: w.WithDropletAgent, PublicNetworking: w.PublicNetworking}, nil
}

// multi inverts wire of DropletMultiCreateRequest.
func (w *createWire) multi() (DropletMultiCreateRequest, error) {
	return DropletMultiCreateRequest{Names: w.Names, Region: w.Region, Size: w.Size, Image: w.Image, SSHKeys: w.SSHKeys,
		Backups: w.Backups, BackupPolicy: w.BackupPolicy.policy(), IPv6: w.IPv6, Monitoring: w.Monitoring, Tags: w.Tags,
		Volumes: w.Volumes, UserData: w.UserData, VPCUUID: w.VPCUUID, SubnetUUID: w.SubnetUUID, GPUPartitionMode: w.GPUPartitionMode,
		WithDropletAgent: w.WithDropletAgent, PublicNetworking: w.PublicNetworking}, nil
}

// MarshalJSON returns exactly the body that is sent, including UserData.
func (r DropletCreateRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// MarshalJSON returns exactly the body that is sent, including UserData.
func (r DropletMultiCreateRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns. It rejects a document that the request would not keep completely, such as one
// with an unknown field, and then leaves the request unchanged.
func (r *DropletCreateRequest) UnmarshalJSON(b []byte) error {
	return decodeRequest(b, r, (*createWire).single, func(r DropletCreateRequest) any { return r.wire() })
}

// UnmarshalJSON decodes what MarshalJSON returns. It rejects a document that the request would not keep completely, such as one
// with an unknown field, and then leaves the request unchanged.
func (r *DropletMultiCreateRequest) UnmarshalJSON(b []byte) error {
	return decodeRequest(b, r, (*createWire).multi, func(r DropletMultiCreateRequest) any { return r.wire() })
}
