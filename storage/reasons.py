"""Why the system refuses a file, in both languages: its own words are English, and do not say which directory is lacking."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from workflow.text import Text


def why(fault: OSError) -> Text:
    """The system's reason; of what is not there because its directory is not, that.

    >>> why(PermissionError(errno.EACCES, "Permission denied", "seals.jsonl"))
    Text(zh='权限不足', en='Permission denied')
    >>> why(FileNotFoundError(errno.ENOENT, "No such file or directory", "/nowhere/seals.jsonl")).zh
    '目录 /nowhere 不存在'
    """
    named = fault.filename if isinstance(fault.filename, str | os.PathLike) else "."
    directory = Path(named).parent
    if fault.errno == errno.ENOENT and not os.path.isdir(directory):
        return _NO_DIRECTORY.filled(directory=directory)
    said = fault.strerror or str(fault)
    return Text(_IN_CHINESE.get(fault.errno or 0, said), said)


_NO_DIRECTORY = Text("目录 {directory} 不存在", "the directory {directory} does not exist")
_IN_CHINESE = {
    errno.EACCES: "权限不足",
    errno.EPERM: "系统不允许",
    errno.EROFS: "磁盘是只读的",
    errno.ENOENT: "文件不存在",
    errno.EEXIST: "已存在",
    errno.EISDIR: "是目录，不是文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.ENOTEMPTY: "目录不是空的",
    errno.EINVAL: "不是普通文件，或系统不接受",
    errno.ENXIO: "没有这个设备",
    errno.ELOOP: "链接绕回自身",
    errno.ENAMETOOLONG: "名称过长",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "达到磁盘限额",
    errno.EFBIG: "文件过大",
    errno.EIO: "磁盘读写出错",
    errno.EBUSY: "正被占用",
    errno.ETXTBSY: "正在运行",
    errno.EMFILE: "打开的文件过多",
    errno.ENFILE: "打开的文件过多",
    errno.ESTALE: "网络磁盘上的文件已失效",
}
